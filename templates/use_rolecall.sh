# shellcheck shell=bash
# Written by `rolecall setup`; the teardown of the last project that uses it removes it.
# direnv reads this file before every .envrc of yours, so it has one function alone, and a short one.

# Usage: use rolecall [ROLE]
# Loads this terminal's role of the project that the .envrc belongs to; ROLE is the default role of that folder.
# What runs is your own copy of rolecall's fragments. Nothing of the project's folder runs, so a pull cannot
# change it; and the copies are watched, so that an upgrade is noticed. The names here are ours, and that of
# direnv's `use` goes: .env may have a `file` and a `cmd`, which a local of that name would swallow.
use_rolecall() {
  local _rolecall_data=${XDG_DATA_HOME:-}
  [[ ${FUNCNAME[1]:-} != use ]] || unset -v cmd
  [[ $_rolecall_data == /* ]] || _rolecall_data=${HOME:-}/.local/share
  _rolecall_wanted=${1:-} _rolecall_data+=/rolecall
  if [[ -f $_rolecall_data/use.sh && -O $_rolecall_data/use.sh ]]; then
    # shellcheck disable=SC1091 # checked where it is kept
    . "$_rolecall_data/use.sh"
    return 0
  fi
  printf 'rolecall: this project is not set up on this machine (try: rolecall setup)\n' >&2
  unset -v AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN _rolecall_wanted
  watch_file "$_rolecall_data/use.sh"
}
