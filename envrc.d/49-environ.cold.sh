# shellcheck shell=bash
# Looks into the environment for who assumes, where the project does not say it.

# Usage: _rolecall_mark_environ
# Sets _rolecall_mark: what of the environment decides who assumes, as credentials/aws/environment.py says it;
# nothing where the project does. Keys and profiles of rolecall's own are nobody's: project/env_file/own_exports.py.
_rolecall_mark_environ() {
  local profile=${AWS_PROFILE:-${AWS_DEFAULT_PROFILE:-}} key='' endpoint=${AWS_CONTAINER_CREDENTIALS_FULL_URI:-} files
  _rolecall_mark=''
  [[ $_rolecall_identity != token ]] || return 0
  if [[ -n ${AWS_WEB_IDENTITY_TOKEN_FILE:-} ]]; then
    _rolecall_mark=$AWS_WEB_IDENTITY_TOKEN_FILE:${AWS_ROLE_ARN:-}
  elif [[ -n ${ACTIONS_ID_TOKEN_REQUEST_URL:-} && -n ${ACTIONS_ID_TOKEN_REQUEST_TOKEN:-} ]]; then
    _rolecall_mark=github:${GITHUB_REPOSITORY:-}:${GITHUB_REF:-}:${AWS_ROLE_ARN:-}
  elif [[ $_rolecall_identity != named ]]; then
    if [[ $_rolecall_identity == profile ]]; then
      profile=''
    elif [[ -z ${ROLECALL_RENEW_AT:-} && (-z ${ROLECALL_ROLE:-} || -z ${AWS_ACCOUNT_ID:-} || -z ${AWS_CREDENTIAL_EXPIRATION:-}) ]]; then
      _rolecall_number_key "${AWS_ACCESS_KEY_ID:-}"
    fi
    if [[ -n $profile ]]; then
      ! _rolecall_read_cold profile || _rolecall_read_profiles
      [[ $profile != "${ROLECALL_PROFILE:-}" && ${_rolecall_profiles-} != *" $profile"$'\n'* ]] || profile=''
    fi
    files=${AWS_CONFIG_FILE:-}:${AWS_SHARED_CREDENTIALS_FILE:-}
    [[ $endpoint != "${ROLECALL_ENDPOINT:-}" ]] || endpoint=''
    files+=:${AWS_CONTAINER_CREDENTIALS_RELATIVE_URI:-}:$endpoint
    _rolecall_mark=$profile:$key:$files
    [[ $_rolecall_mark != ::::: ]] || _rolecall_mark=''
  fi
}

# Usage: _rolecall_number_key KEY_ID
# Sets the caller's `key`: a number that tells one access key from another, and holds half of it at most.
# Letters and digits only, before any arithmetic: bash would run a command hidden in a subscript.
_rolecall_number_key() {
  local rest
  rest=${1//[!A-Za-z0-9]/_}
  while [[ -n $rest ]]; do
    key=$(((${key:-0} * 257 + 64#${rest:0:10}) % 1099511627689)) rest=${rest:10}
  done
}
