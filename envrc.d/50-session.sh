# shellcheck shell=bash
# Loads the session: it is on disk, or `rolecall assume` gets it.

_rolecall_claim='' _rolecall_read=once _rolecall_late=0 _rolecall_profile=''

# A lock of this project, or one of all projects that it was not unlocked from; credentials/store/locked.py writes both.
if [[ -e $_rolecall_state_dir/$_rolecall_key/locked || -L $_rolecall_state_dir/$_rolecall_key/locked ]]; then
  _rolecall_state=locked
elif [[ -e $_rolecall_state_dir/locked ]]; then
  { IFS= read -r _rolecall_text <"$_rolecall_state_dir/locked" &&
    IFS= read -r _rolecall_line <"$_rolecall_state_dir/$_rolecall_key/unlocked" &&
    [[ $_rolecall_text == "$_rolecall_line" ]]; } 2>/dev/null || _rolecall_state=locked
fi
case $_rolecall_state in
warm) ;;
locked) _rolecall_say "$_rolecall_root is locked; no role is loaded until you assume one (try: ${_rolecall_command}assume)" ;;
*) _rolecall_read_cold failing && _rolecall_get ;;
esac

# _rolecall_picky is tcsh or fish, where direnv writes for it and .env may hold what it cannot take; nothing elsewhere.
# The last word of direnv's command line is the shell; without /proc (macOS), only ps knows it. One look at all lines
# serves nearly every project: plain values, and names that are none of fish's own.
_rolecall_picky='' _rolecall_text='ps'
if [[ -r /proc/$PPID/cmdline ]]; then
  while IFS= read -r -d '' _rolecall_line; do
    _rolecall_text=$_rolecall_line
  done <"/proc/$PPID/cmdline"
fi
if [[ $_rolecall_text == fish || $_rolecall_text == tcsh || $_rolecall_text == ps ]] &&
  [[ " ${_rolecall_env[*]-}" == *[!A-Za-z0-9_./:@%+=,\ -]* || " ${_rolecall_env[*]-}" == *' '[a-zFS_]*=* ]]; then
  if _rolecall_read_cold project; then
    _rolecall_find_picky "$_rolecall_text"
  else
    _rolecall_env=()
  fi
fi
