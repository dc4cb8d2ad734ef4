# shellcheck shell=bash
# Says why the project's own programs are not on PATH.

# Usage: _rolecall_tell_venv
# That it held files from git is kept: it may hold what such a file made.
_rolecall_tell_venv() {
  local name=${_rolecall_venv##*/}
  if [[ -n $_rolecall_token && $_rolecall_kept == "from git: $_rolecall_token" ]]; then
    _rolecall_say "$name is not on PATH: it held files from git; delete it, and make it anew (try: ${_rolecall_command}setup)"
  elif [[ -z $_rolecall_token || $_rolecall_kept != "$_rolecall_token" ]]; then
    _rolecall_say "$name is not on PATH: it is not the one that setup saw (try: ${_rolecall_command}setup)"
  elif [[ $_rolecall_says == held ]]; then
    (umask 077 && printf 'from git: %s\n' "$_rolecall_token" >|"$_rolecall_state_file") 2>/dev/null || true
    _rolecall_say "$name is not on PATH: it holds files from git; delete it, and make it anew (try: ${_rolecall_command}setup)"
  else
    _rolecall_say "$name is not on PATH: $_rolecall_says"
  fi
}
