# shellcheck shell=bash
# What `use rolecall` does: it finds the project, and reads your copy of the fragments for it. use_rolecall, in direnv's
# lib folder, sets _rolecall_data and _rolecall_wanted before it reads this.

# Usage: _use_rolecall_read
# Defines what is seldom needed.
_use_rolecall_read() {
  if [[ -f $_rolecall_data/use.cold.sh && -O $_rolecall_data/use.cold.sh ]]; then
    # shellcheck disable=SC1091 # checked where it is kept
    . "$_rolecall_data/use.cold.sh"
    return 0
  fi
  printf 'rolecall: %s/use.cold.sh is missing, so no role is loaded (try: rolecall setup)\n' "$_rolecall_data" >&2
  return 1
}

_rolecall_locale=${LC_ALL+=}${LC_ALL-}
LC_ALL=C # as in all that session.sh runs
_rolecall_data=${_rolecall_data:-} _rolecall_wanted=${_rolecall_wanted:-}
if [[ -n ${_use_rolecall_after+1} ]]; then
  _use_rolecall_read && _rolecall_take_back
fi

# The root, without symbolic links: the nearest folder with envrc.d/roles.toml, from that of the .envrc on; without one,
# that of the .envrc. As git does, it leaves out what another user has put above.
_rolecall_here=$PWD _rolecall_before=${OLDPWD:-}
builtin cd -P . >/dev/null || true
_rolecall_root=$PWD _rolecall_above=$PWD
builtin cd "$_rolecall_here" >/dev/null || true
OLDPWD=$_rolecall_before
if [[ ! -f $_rolecall_root/envrc.d/roles.toml ]]; then
  while [[ -n $_rolecall_above ]]; do
    _rolecall_above=${_rolecall_above%/*}
    if [[ -f $_rolecall_above/envrc.d/roles.toml && -O $_rolecall_above/envrc.d/roles.toml ]]; then
      _rolecall_root=${_rolecall_above:-/} _rolecall_above=''
    fi
  done
fi

# Where an .envrc above was read by source_up, and the one below has a line of its own for the same project, that line
# alone asks for a role, and says so. It counts only where nothing can keep it from running: as a line of its own, not
# indented. Else a line below this one that loads keys is told: those of a `dotenv` above are taken back, these cannot
# be. Both for each .envrc that is being read (source_up: two). direnv keeps the folder of each on bash's stack of
# folders, every second one.
_rolecall_frame=0 _rolecall_is_last=1 _rolecall_loading=() _rolecall_is_asked=1
for _rolecall_at in "${!BASH_SOURCE[@]}"; do
  [[ ${BASH_SOURCE[_rolecall_at]} == ./.envrc ]] || continue
  _rolecall_folder=${DIRSTACK[_rolecall_frame]:-} _rolecall_number=0
  [[ -f $_rolecall_folder/.envrc ]] || continue
  ((_rolecall_frame == 0)) || _rolecall_is_last=''
  while IFS= read -r _rolecall_line || [[ -n $_rolecall_line ]]; do
    _rolecall_number=$((_rolecall_number + 1))
    if ((_rolecall_number <= BASH_LINENO[_rolecall_at - 1])) || [[ -z $_rolecall_line || $_rolecall_line == '#'* ]]; then
      continue
    fi
    _rolecall_is_last='' # what the role changes is noted: another `use rolecall` may come
    if [[ $_rolecall_line == *rolecall* && $_rolecall_frame -gt 0 ]] && _use_rolecall_read && _rolecall_is_same "$_rolecall_line" "$_rolecall_folder"; then
      _rolecall_is_asked='' _rolecall_loading=()
      break 2
    elif [[ $_rolecall_line == *env* ]]; then
      _rolecall_loading+=("$_rolecall_number" "$_rolecall_line" "$_rolecall_folder")
    fi
  done <"$_rolecall_folder/.envrc"
  _rolecall_frame=$((_rolecall_frame + 2))
done
for ((_rolecall_at = 0; _rolecall_at < ${#_rolecall_loading[@]}; _rolecall_at += 3)); do
  _use_rolecall_read && _rolecall_find_keys "${_rolecall_loading[@]:_rolecall_at:3}"
done

# The root as a file name, as rolecall.system.disk.paths.project_key does it.
_rolecall_key=${_rolecall_root//\//+}
if [[ -n $_rolecall_is_asked && (${#_rolecall_root} -gt 120 || $_rolecall_root == *[!A-Za-z0-9._/-]*) ]]; then
  _use_rolecall_read && _rolecall_encode_key || _rolecall_is_asked=''
fi
if [[ -n $_rolecall_is_asked ]]; then
  _rolecall_copies=("$_rolecall_data/projects/$_rolecall_key/session.sh" "$_rolecall_data/session.sh" "$_rolecall_data/use.sh")
  if [[ -z $_rolecall_is_last ]]; then
    _use_rolecall_read && _rolecall_note && _use_rolecall_before=("${_use_rolecall_after[@]}")
  fi
  _rolecall_copy=${_rolecall_copies[0]}
  [[ -f $_rolecall_copy && -O $_rolecall_copy ]] || _rolecall_copy=${_rolecall_copies[1]}
  if [[ -f $_rolecall_copy && -O $_rolecall_copy ]]; then
    # shellcheck disable=SC1090 # a copy of the fragments, which are checked where they are kept
    . "$_rolecall_copy"
  else
    ! _use_rolecall_read || _rolecall_have_none
  fi
fi

if [[ -n ${_rolecall_locale+1} ]]; then # session.sh was not read: it leaves nothing of its own behind
  LC_ALL=${_rolecall_locale#=}
  [[ -n $_rolecall_locale ]] || unset -v LC_ALL
  unset -v "${!_rolecall_@}"
fi
[[ -z ${_use_rolecall_before+1} ]] || _rolecall_note
unset -f _use_rolecall_read
