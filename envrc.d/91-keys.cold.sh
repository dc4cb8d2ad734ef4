# shellcheck shell=bash
# Puts the role's own keys back, where the project has fragments of its own.

# Usage: _rolecall_hold_keys
# A fragment of the project after the session may have loaded other keys (`dotenv`), or another profile: the
# role's own are put back.
_rolecall_hold_keys() {
  local line
  unset AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN
  if [[ -n $_rolecall_profile ]]; then
    export AWS_PROFILE=$_rolecall_profile
  fi
  [[ $_rolecall_state != none ]] || return 0
  for line in "${_rolecall_session[@]}"; do
    case $line in
    AWS_ACCESS_KEY_ID=* | AWS_SECRET_ACCESS_KEY=* | AWS_SESSION_TOKEN=*) export "${line?}" ;;
    esac
  done
}
