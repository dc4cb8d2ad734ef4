# shellcheck shell=bash
# Gives the shell the values of .env and the session. The names here are ours: .env may have a `line` and a `value`.

# A value with a newline or a backslash stands encoded; printf undoes it.
for _rolecall_line in ${_rolecall_refused[@]+"${_rolecall_refused[@]}"}; do
  _rolecall_say "$_rolecall_line"
done
if [[ -z $_rolecall_picky && ${_rolecall_env[*]-} != *\\* ]]; then
  [[ -z ${_rolecall_env[*]-} ]] || export "${_rolecall_env[@]}" # one by one takes four times as long
else
  for _rolecall_line in ${_rolecall_env[@]+"${_rolecall_env[@]}"}; do
    _rolecall_text=${_rolecall_line#*=}
    if [[ $_rolecall_text == *\\* ]]; then
      printf -v _rolecall_text '%b' "$_rolecall_text"
    fi
    if [[ -z $_rolecall_picky ]] || ! _rolecall_is_refused "${_rolecall_line%%=*}" "$_rolecall_text"; then
      export "${_rolecall_line%%=*}=$_rolecall_text"
    fi
  done
fi
if [[ -n $_rolecall_has_locale ]]; then
  _rolecall_locale=${LC_ALL+=}${LC_ALL-} LC_ALL=C
fi

# The keys, or the profile that asks for them; never both: SDKs disagree on which wins. The profile stands also
# where there is no session: whoever uses it is told why, and no other profile is taken in its place.
unset AWS_PROFILE AWS_DEFAULT_PROFILE AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN \
  AWS_CREDENTIAL_EXPIRATION AWS_ACCOUNT_ID ROLECALL_ROLE ROLECALL_PROFILE
if [[ $_rolecall_delivery == profile && $_rolecall_state != locked ]]; then
  _rolecall_read_cold profile && _rolecall_find_profile
fi
if [[ -n $_rolecall_profile ]]; then
  export AWS_PROFILE=$_rolecall_profile ROLECALL_PROFILE=$_rolecall_profile
  _rolecall_session=("${_rolecall_session[@]:4}")
fi
case $_rolecall_state in
locked) unset ROLECALL_RENEW_AT ;; # its marks are watched: nothing is to be renewed
none) export ROLECALL_RENEW_AT=$((_rolecall_now + (_rolecall_late ? 0 : 120))) ;;
warm) export ROLECALL_RENEW_AT=$_rolecall_renew_at ;;
soft) export ROLECALL_RENEW_AT=$((_rolecall_now + 60)) ;;
*) export ROLECALL_RENEW_AT=$((_rolecall_now + 30)) ;;
esac
if [[ $_rolecall_state != locked && $_rolecall_state != none ]]; then
  export "${_rolecall_session[@]}"
  # starship and powerlevel10k show this name; that of a profile they find themselves.
  if [[ -z $_rolecall_profile ]] && _rolecall_is_ours "$_rolecall_state_dir/prompt"; then
    export AWSUME_PROFILE=$_rolecall_role
  fi
  # One region under both of its names: what this terminal chose; else what the project declares, which is there
  # by now; else the person's own, else that of the profile that assumed.
  _rolecall_text=${_rolecall_here#*/}
  : "${_rolecall_text:=${AWS_REGION:-${AWS_DEFAULT_REGION:-$_rolecall_region}}}"
  if [[ -n $_rolecall_text ]]; then
    export AWS_REGION=$_rolecall_text AWS_DEFAULT_REGION=$_rolecall_text
  fi
  _rolecall_human "$((_rolecall_expires - _rolecall_now))"
  # All of it is of plain characters, the session file's and the choice's: nothing to clean.
  printf 'rolecall: %s · %s · %s%s left\n' "$_rolecall_role" "$_rolecall_account${_rolecall_here:+ · ${_rolecall_here#*/}}" \
    "${_rolecall_profile:+profile $_rolecall_profile · }${_rolecall_protected:+protected · }${_rolecall_rights:+$_rolecall_rights · }" "$_rolecall_left" >&2
fi
