# shellcheck shell=bash
# Functions that the other parts use, the time, and where rolecall's own files are.

# Usage: _rolecall_say TEXT
# One line to the person. A `cd` with a valid session seldom has any: reading it puts it in this one's place.
_rolecall_say() {
  ! _rolecall_read_cold say || _rolecall_say "$@"
}

# Usage: _rolecall_is_ours FILE
# Whether a private file can be believed: a file, no link, this user's own. rolecall.system.disk.files.read_own asks
# for its mode and size, too; no builtin tells them.
_rolecall_is_ours() {
  [[ -f $1 && -O $1 && ! -L $1 ]]
}

# Usage: _rolecall_is_unchanged FILE STAMP
# A stamp has the mtime its file had when Python read it; bash can compare mtimes, not read them.
_rolecall_is_unchanged() {
  if [[ ! -e $1 ]]; then
    [[ ! -e $2 ]]
    return
  fi
  [[ -e $2 && ! $1 -nt $2 && ! $1 -ot $2 ]] || return 1
  ((BASH_VERSINFO[0] > 4)) || [[ $_rolecall_dir/project.snapshot -nt $1 ]] || { _rolecall_read_cold project && _rolecall_has_same_time "$1" "$2"; }
}

# Usage: _rolecall_human SECONDS
# Sets _rolecall_left: "45s", "59m", "3h05m", to the nearest minute, as rolecall.system.clock.human does.
_rolecall_human() {
  local minutes=$((($1 + 30) / 60))
  if (($1 < 60)); then
    _rolecall_left=$1s
  elif ((minutes < 60)); then
    _rolecall_left=${minutes}m
  else
    printf -v _rolecall_left '%dh%02dm' $((minutes / 60)) $((minutes % 60))
  fi
}

_rolecall_now=${EPOCHSECONDS:-}
if [[ -z $_rolecall_now ]]; then
  _rolecall_now=0
  ! _rolecall_read_cold session || _rolecall_read_clock
fi
_rolecall_watch=()
# This project's private folder, as rolecall.system.disk.paths.runtime_dir does.
_rolecall_dir=${XDG_RUNTIME_DIR:-}
if [[ $_rolecall_dir != /* || ! -d $_rolecall_dir || ! -O $_rolecall_dir || ! -w $_rolecall_dir ]]; then
  _rolecall_dir=${XDG_CACHE_HOME:-}
  if [[ $_rolecall_dir != /* && ${OSTYPE:-} == darwin* ]]; then
    _rolecall_dir=${HOME:-}/Library/Caches
  elif [[ $_rolecall_dir != /* ]]; then
    _rolecall_dir=${HOME:-}/.cache
  fi
fi
_rolecall_dir+=/rolecall/$_rolecall_key
# The state folder of all projects, as rolecall.system.disk.paths.state_folder does.
_rolecall_state_dir=${XDG_STATE_HOME:-}
if [[ $_rolecall_state_dir != /* && ${OSTYPE:-} == darwin* ]]; then
  _rolecall_state_dir="${HOME:-}/Library/Application Support"
elif [[ $_rolecall_state_dir != /* ]]; then
  _rolecall_state_dir=${HOME:-}/.local/state
fi
_rolecall_state_dir+=/rolecall
