# shellcheck shell=bash
# Functions that the other parts use. Nothing happens here.

# Usage: _rolecall_say TEXT
# One line to the person, on stderr: stdout may be read by an editor. A file's name may hold what steers a
# terminal: control characters, those of C1 (0xC2 0x80 to 0x9F), and what turns the direction of a line.
_rolecall_say() {
  local LC_ALL=C text=$1
  if [[ $text == *[!' '-~]* ]]; then
    text=${text//[$'\x01'-$'\x1f'$'\x7f']/?}
    text=${text//$'\xc2'[$'\x80'-$'\x9f']/?}
    text=${text//$'\xe2\x80'[$'\x8e'$'\x8f'$'\xaa'-$'\xae']/?}
    text=${text//$'\xe2\x81'[$'\xa6'-$'\xa9']/?}
  fi
  printf 'rolecall: %s\n' "$text" >&2
}

# Usage: _rolecall_is_ours FILE
# Whether a private file can be believed: a file, no link, this user's own. rolecall.system.disk.files.read_own asks
# for its mode and size, too; no builtin tells them.
_rolecall_is_ours() {
  [[ -f $1 && -O $1 && ! -L $1 ]]
}

# Usage: _rolecall_is_epoch TEXT
# At most twelve digits and no leading zero: bash's arithmetic takes 08 for octal, turns over at 19 digits, and
# runs a command hidden in a subscript. LC_ALL is C in all that calls it: elsewhere ² is a digit.
_rolecall_is_epoch() {
  [[ $1 == [1-9]* && $1 != *[!0-9]* && ${#1} -le 12 ]]
}

# Usage: _rolecall_file_name ROLE
# Sets _rolecall_name: a role or an ARN as a file name, as rolecall.system.disk.paths.file_name does: byte by byte,
# with LC_ALL=C.
_rolecall_file_name() {
  local rest=$1 character code checksum=0
  if [[ ${#rest} -le 80 && $rest != *[!A-Za-z0-9_.@+=,-]* ]]; then
    _rolecall_name=$rest
    return 0
  fi
  _rolecall_name=''
  while [[ -n $rest ]]; do
    character=${rest:0:1} rest=${rest:1}
    printf -v code '%d' "'$character"
    checksum=$(((checksum * 257 + (code & 255)) % 9007199254740881))
    [[ $character == [A-Za-z0-9_.@+=,-] ]] || character=_
    _rolecall_name+=$character
  done
  _rolecall_name=${_rolecall_name:0:80}~$checksum
}

# Usage: _rolecall_find_dir
# Sets _rolecall_dir: this project's private folder, as rolecall.system.disk.paths.runtime_dir does.
_rolecall_find_dir() {
  local base=${XDG_RUNTIME_DIR:-}
  if [[ $base == /* && -d $base && -O $base && -w $base ]]; then
    _rolecall_dir=$base/rolecall/$_rolecall_key
    return 0
  fi
  base=${XDG_CACHE_HOME:-}
  if [[ $base != /* && ${OSTYPE:-} == darwin* ]]; then
    base=${HOME:-}/Library/Caches
  elif [[ $base != /* ]]; then
    base=${HOME:-}/.cache
  fi
  _rolecall_dir=$base/rolecall/$_rolecall_key
}

# Usage: _rolecall_find_state
# Sets _rolecall_state_dir: the state folder of all projects, as rolecall.system.disk.paths.state_folder does.
_rolecall_find_state() {
  local base=${XDG_STATE_HOME:-}
  if [[ $base != /* && ${OSTYPE:-} == darwin* ]]; then
    base="${HOME:-}/Library/Application Support"
  elif [[ $base != /* ]]; then
    base=${HOME:-}/.local/state
  fi
  _rolecall_state_dir=$base/rolecall
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

# Usage: _rolecall_read_clock
# Sets _rolecall_now. bash before 5.0 has no EPOCHSECONDS; there, and only there, this forks.
_rolecall_read_clock() {
  local PATH=${_rolecall_path:-$PATH}
  _rolecall_now=${EPOCHSECONDS:-$(date +%s)}
}

_rolecall_read_clock
_rolecall_watch=()
_rolecall_find_dir
_rolecall_find_state
