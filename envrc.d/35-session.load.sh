# shellcheck shell=bash
# Reads the session that this terminal holds, or else the one of every shell. Python writes it: credentials/store/held.py.

# _rolecall_state is none (nothing usable), stale (valid, but not to be relied on), soft (renew behind) or warm.
# _rolecall_session has the lines to export.
_rolecall_odd=$'[^A-Za-z0-9_./:@%+=,\n-]' # one odd character is found in a third of the time that it takes to match all
_rolecall_session_names=$'AWS_ACCESS_KEY_ID\nAWS_SECRET_ACCESS_KEY\nAWS_SESSION_TOKEN\nAWS_CREDENTIAL_EXPIRATION\nAWS_REGION
AWS_DEFAULT_REGION\nAWS_ACCOUNT_ID\nROLECALL_ROLE\nROLECALL_ROLE_ARN\nROLECALL_ASSUMED_ARN\nROLECALL_ASSUMED_ID
ROLECALL_ISSUED\nROLECALL_EXPIRES\nROLECALL_RENEW_AT\nROLECALL_INPUTS\nROLECALL_ENVIRON\nROLECALL_PROFILE_REGION
ROLECALL_FINGERPRINT\nROLECALL_PROTECTED\nROLECALL_RIGHTS'
_rolecall_state=none _rolecall_mark=''
if [[ $_rolecall_identity != named && $_rolecall_identity != token || -n ${AWS_WEB_IDENTITY_TOKEN_FILE:-}${ACTIONS_ID_TOKEN_REQUEST_URL:-} ]]; then
  _rolecall_mark=@unread
  ! _rolecall_read_cold environ || _rolecall_mark_environ
fi
# A role or an ARN as a file name, as rolecall.system.disk.paths.file_name does it.
_rolecall_name=$_rolecall_role${_rolecall_mark:+ $_rolecall_mark}
if [[ ${#_rolecall_name} -gt 80 || $_rolecall_name == *[!A-Za-z0-9_.@+=,-]* ]]; then
  if _rolecall_read_cold names; then
    _rolecall_encode_name "$_rolecall_name"
  else
    _rolecall_name=@unread
  fi
fi
_rolecall_files=("$_rolecall_dir/$_rolecall_name.env")
if [[ -n $_rolecall_terminal ]]; then
  _rolecall_files=("$_rolecall_dir/elevated/$_rolecall_terminal/$_rolecall_name.env"
    "$_rolecall_dir/held/$_rolecall_terminal/$_rolecall_name.env" "${_rolecall_files[@]}")
  _rolecall_watch+=("$_rolecall_dir/terminals/$_rolecall_terminal")
fi
_rolecall_watch+=("${_rolecall_files[@]}" "$_rolecall_state_dir/locked"
  "$_rolecall_state_dir/$_rolecall_key/locked" "$_rolecall_state_dir/$_rolecall_key/unlocked")
for _rolecall_file in "${_rolecall_files[@]}"; do
  _rolecall_session=() _rolecall_protected='' _rolecall_rights='' _rolecall_expires='' _rolecall_renew_at=''
  _rolecall_account='' _rolecall_region=''
  # Its lines are those of Python's session_file.NAMES, in that order: one that lacks a line could have lost its
  # protection. It is read and looked at as a whole: line by line takes three times as long.
  _rolecall_is_ours "$_rolecall_file" || continue
  ! IFS= read -r -d '' -n 65536 _rolecall_text <"$_rolecall_file" || continue # a NUL, or more than any of ours
  [[ ! $_rolecall_text =~ $_rolecall_odd && $_rolecall_text != *$'\n\n'* && $_rolecall_text == *$'\n' ]] || continue
  _rolecall_ifs=${IFS-$' \t\n'} IFS=$'\n ' # without the space, bash 3.2 joins the words of "${_rolecall_lines[@]%%…}"
  # shellcheck disable=SC2206 # splitting is the point: no character is left that bash would expand
  _rolecall_lines=($_rolecall_text)
  _rolecall_text="${_rolecall_lines[*]%%=*}"
  IFS=$_rolecall_ifs
  [[ $_rolecall_text == "$_rolecall_session_names" ]] || continue
  [[ ${_rolecall_lines[0]} != AWS_ACCESS_KEY_ID= && ${_rolecall_lines[1]} != AWS_SECRET_ACCESS_KEY= ]] || continue
  [[ ${_rolecall_lines[2]} != AWS_SESSION_TOKEN= ]] || continue
  [[ ${_rolecall_lines[7]} == "ROLECALL_ROLE=$_rolecall_role" && -n $_rolecall_role ]] || continue
  _rolecall_account=${_rolecall_lines[6]#*=} _rolecall_region=${_rolecall_lines[16]#*=}
  _rolecall_expires=${_rolecall_lines[12]#*=} _rolecall_renew_at=${_rolecall_lines[13]#*=}
  _rolecall_protected=${_rolecall_lines[18]#*=} _rolecall_rights=${_rolecall_lines[19]#*=}
  # At most twelve digits and no leading zero: bash's arithmetic takes 08 for octal, turns over at 19 digits, and runs
  # a command hidden in a subscript.
  [[ $_rolecall_expires$_rolecall_renew_at != *[!0-9]* && $_rolecall_expires == [1-9]* && $_rolecall_renew_at == [1-9]* ]] || continue
  [[ ${#_rolecall_expires} -le 12 && ${#_rolecall_renew_at} -le 12 ]] || continue
  [[ -n $_rolecall_account && ${_rolecall_lines[15]#*=} == "${_rolecall_mark//[!A-Za-z0-9_.\/:@%+=,-]/_}" ]] || continue
  ((_rolecall_expires > _rolecall_now)) || continue
  # A session of a protected role counts only where a terminal holds it, and so does an elevated one.
  _rolecall_text=${_rolecall_protected:+held}
  [[ $_rolecall_rights != elevated ]] || _rolecall_text=elevated
  [[ $_rolecall_file == "$_rolecall_dir/${_rolecall_text:+$_rolecall_text/$_rolecall_terminal/}$_rolecall_name.env" ]] || continue
  _rolecall_state=stale
  _rolecall_session=("${_rolecall_lines[@]:0:8}")
  [[ ${_rolecall_lines[4]} != *= ]] || unset "_rolecall_session[4]"
  [[ ${_rolecall_lines[5]} != *= ]] || unset "_rolecall_session[5]"
  [[ ${_rolecall_lines[8]} == "ROLECALL_ROLE_ARN=arn:${_rolecall_here%/*}:"* ]] || _rolecall_here='' # a region of another partition
  [[ -n $_rolecall_is_true && ${_rolecall_lines[14]#*=} == "$_rolecall_inputs" ]] || break
  if [[ $_rolecall_rights == elevated ]]; then
    _rolecall_state=warm _rolecall_renew_at=$_rolecall_expires # then this terminal has the role as it is declared
  elif ((_rolecall_expires - _rolecall_now >= 120)); then
    _rolecall_state=warm
    if [[ -n $_rolecall_protected ]]; then
      _rolecall_renew_at=$((_rolecall_expires - 119)) # nobody renews it: the next thing to happen is its end
    elif ((_rolecall_now >= _rolecall_renew_at)); then
      _rolecall_state=soft
    fi
  fi
  break
done
