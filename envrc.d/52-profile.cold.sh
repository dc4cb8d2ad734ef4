# shellcheck shell=bash
# Finds the profile of a role, where the team delivers by profiles, and those that are rolecall's own.

# Usage: _rolecall_read_profiles
# Sets _rolecall_profiles: a line break, and the lines "ROLE PROFILE" of the profiles that setup wrote into the
# AWS config; as rolecall.project.own_profiles reads them.
_rolecall_read_profiles() {
  local file=$_rolecall_state_dir/$_rolecall_key/profiles text=''
  if _rolecall_is_ours "$file"; then
    IFS= read -r -d '' -n 300000 text <"$file" || true
  fi
  _rolecall_profiles=$'\n'$text
}

# Usage: _rolecall_find_profile
# Sets _rolecall_profile: the profile of this terminal's role, where the team delivers by profiles. A role that
# is named by its ARN alone has none.
_rolecall_find_profile() {
  local LC_ALL=C
  _rolecall_profile=''
  [[ -n $_rolecall_role && $_rolecall_role != arn:* ]] || return 0
  _rolecall_watch+=("$_rolecall_state_dir/$_rolecall_key/profiles")
  _rolecall_read_profiles
  if [[ $_rolecall_profiles == *$'\n'"$_rolecall_role "* ]]; then
    _rolecall_profile=${_rolecall_profiles#*$'\n'"$_rolecall_role "}
    _rolecall_profile=${_rolecall_profile%%$'\n'*}
  fi
  [[ -n $_rolecall_profile && $_rolecall_profile != *[!A-Za-z0-9_.@+-]* ]] && return 0
  _rolecall_profile=''
  [[ $_rolecall_state == none ]] || _rolecall_say "role $_rolecall_role has no profile in your AWS config, so you get its keys (try: ${_rolecall_command}setup --profiles)"
}
