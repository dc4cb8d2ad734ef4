# shellcheck shell=bash
# Loads the session: from its file with builtins alone; else through `rolecall assume`.

# Usage: _rolecall_read_session
# Reads the session that this terminal holds, or else the one of every shell; see rolecall/credentials/store/held.py.
# Sets _rolecall_name, the file's name.
_rolecall_read_session() {
  local file
  _rolecall_mark=''
  if [[ $_rolecall_identity != named && $_rolecall_identity != token || -n ${AWS_WEB_IDENTITY_TOKEN_FILE:-}${ACTIONS_ID_TOKEN_REQUEST_URL:-} ]]; then
    _rolecall_mark=@unread
    ! _rolecall_read_cold environ || _rolecall_mark_environ
  fi
  _rolecall_file_name "$_rolecall_role${_rolecall_mark:+ $_rolecall_mark}"
  _rolecall_state=none
  [[ -n $_rolecall_role ]] || return 0
  if [[ -n $_rolecall_terminal ]]; then
    file=elevated/$_rolecall_terminal/$_rolecall_name.env
    [[ ! -e $_rolecall_dir/$file ]] || _rolecall_read_file "$_rolecall_dir/$file" elevated
    [[ $_rolecall_state == none ]] || return 0
    file=held/$_rolecall_terminal/$_rolecall_name.env
    [[ ! -e $_rolecall_dir/$file ]] || _rolecall_read_file "$_rolecall_dir/$file" protected
  fi
  [[ $_rolecall_state != none ]] || _rolecall_read_file "$_rolecall_dir/$_rolecall_name.env" ''
}

# Usage: _rolecall_read_file FILE elevated|protected|''
# Sets _rolecall_session (lines to export), _rolecall_expires, _rolecall_renew_at, and _rolecall_state:
# none (nothing usable), stale (valid, but not to be relied on), soft (renew behind), warm. A session of a
# protected role counts only where a terminal holds it, and so does one of a read-only role without that.
_rolecall_read_file() {
  local environ='' inputs='' role='' kind
  _rolecall_protected='' _rolecall_rights=''
  _rolecall_state=none _rolecall_session=() _rolecall_expires='' _rolecall_renew_at='' _rolecall_account=''
  _rolecall_region=''
  _rolecall_parse_session "$1" || return 0
  [[ $role == "$_rolecall_role" && -n $_rolecall_account ]] || return 0
  [[ $environ == "${_rolecall_mark//[!A-Za-z0-9_.\/:@%+=,-]/_}" ]] || return 0
  ((_rolecall_expires > _rolecall_now)) || return 0
  kind=${_rolecall_protected:+protected}
  [[ $_rolecall_rights != elevated ]] || kind=elevated
  [[ $kind == "$2" ]] || return 0
  _rolecall_state=stale
  [[ $inputs == "$_rolecall_inputs" ]] || return 0
  if [[ $kind == elevated ]]; then
    _rolecall_state=warm _rolecall_renew_at=$_rolecall_expires # then this terminal has the role as it is declared
    return 0
  fi
  ((_rolecall_expires - _rolecall_now >= 120)) || return 0
  _rolecall_state=warm
  if [[ -n $_rolecall_protected ]]; then
    _rolecall_renew_at=$((_rolecall_expires - 119)) # nobody renews it: the next thing to happen is its end
  elif ((_rolecall_now >= _rolecall_renew_at)); then
    _rolecall_state=soft
  fi
}

# Usage: _rolecall_is_locked
# Succeeds where this project is locked, by itself or with all others; as credentials/store/locked.py says it.
_rolecall_is_locked() {
  local all='' own=''
  [[ ! -e $_rolecall_state_dir/$_rolecall_key/locked && ! -L $_rolecall_state_dir/$_rolecall_key/locked ]] || return 0
  [[ -e $_rolecall_state_dir/locked ]] || return 1
  { IFS= read -r all <"$_rolecall_state_dir/locked"; } 2>/dev/null || return 0
  { IFS= read -r own <"$_rolecall_state_dir/$_rolecall_key/unlocked"; } 2>/dev/null || return 0
  [[ $all != "$own" ]]
}

# Usage: _rolecall_parse_session FILE
# Sets what _rolecall_read_file looks at. Fails where FILE is not whole: its lines are those of Python's
# session_file.NAMES, in that order. One that lacks a line could have lost its protection. It is read and looked
# at as a whole: line by line takes three times as long.
_rolecall_parse_session() {
  local IFS=$'\n ' text='' lines values # without the space, bash 3.2 joins the words of "${lines[@]#…}"
  _rolecall_is_ours "$1" || return 1
  ! IFS= read -r -d '' -n 65536 text <"$1" || return 1 # a NUL, or more than any of ours
  [[ $text =~ $_rolecall_plain && $text != *$'\n\n'* && $text == *$'\n' ]] || return 1
  # shellcheck disable=SC2206 # splitting is the point: no character is left that bash would expand
  lines=($text)
  values=("${lines[@]#*=}")
  [[ "${lines[*]%%=*}" == "$_rolecall_session_names" && -n ${values[0]} && -n ${values[1]} && -n ${values[2]} ]] || return 1
  _rolecall_session=("${lines[@]:0:4}" ${values[4]:+"${lines[4]}"} ${values[5]:+"${lines[5]}"} "${lines[@]:6:2}")
  _rolecall_account=${values[6]} role=${values[7]} _rolecall_expires=${values[12]} _rolecall_renew_at=${values[13]}
  inputs=${values[14]} environ=${values[15]} _rolecall_region=${values[16]}
  _rolecall_protected=${values[18]} _rolecall_rights=${values[19]}
  [[ ${values[8]} == "arn:${_rolecall_here%/*}:"* ]] || _rolecall_here='' # a region of another partition
  _rolecall_is_epoch "$_rolecall_expires" && _rolecall_is_epoch "$_rolecall_renew_at"
}

# Usage: _rolecall_load
# Reads everything from disk; what is not the present truth is at best stale.
_rolecall_load() {
  local is_true=1
  _rolecall_watch=("$_rolecall_root/.env" "$_rolecall_root/envrc.d/roles.toml" "$_rolecall_dir/project.snapshot")
  _rolecall_read_project || is_true=''
  _rolecall_choose
  _rolecall_read_session
  _rolecall_watch+=("$_rolecall_dir/$_rolecall_name.env" "$_rolecall_state_dir/locked")
  _rolecall_watch+=("$_rolecall_state_dir/$_rolecall_key/locked" "$_rolecall_state_dir/$_rolecall_key/unlocked")
  if [[ -n $_rolecall_terminal ]]; then
    _rolecall_watch+=("$_rolecall_dir/terminals/$_rolecall_terminal")
    _rolecall_watch+=("$_rolecall_dir/held/$_rolecall_terminal/$_rolecall_name.env")
    _rolecall_watch+=("$_rolecall_dir/elevated/$_rolecall_terminal/$_rolecall_name.env")
  fi
  if [[ -z $is_true && $_rolecall_state != none ]]; then
    _rolecall_state=stale
  fi
}

# Usage: _rolecall_enter
# All that may start a program, Python among them.
_rolecall_enter() {
  local PATH=$_rolecall_path _rolecall_locale=${LC_ALL:-}
  local LC_ALL=C # once for all below: each change of it takes bash as long as reading a file
  _rolecall_find_terminal
  _rolecall_load
  if _rolecall_is_locked; then
    _rolecall_state=locked
    _rolecall_say "$_rolecall_root is locked; no role is loaded until you assume one (try: ${_rolecall_command}assume)"
  fi
  case $_rolecall_state in
  warm | locked) ;;
  soft) _rolecall_read_cold session && _rolecall_renew ;;
  *) _rolecall_read_cold session && _rolecall_cold ;;
  esac
}

_rolecall_plain=$'^[A-Za-z0-9_./:@%+=,\n-]*$'
_rolecall_session_names=$'AWS_ACCESS_KEY_ID\nAWS_SECRET_ACCESS_KEY\nAWS_SESSION_TOKEN\nAWS_CREDENTIAL_EXPIRATION\nAWS_REGION
AWS_DEFAULT_REGION\nAWS_ACCOUNT_ID\nROLECALL_ROLE\nROLECALL_ROLE_ARN\nROLECALL_ASSUMED_ARN\nROLECALL_ASSUMED_ID
ROLECALL_ISSUED\nROLECALL_EXPIRES\nROLECALL_RENEW_AT\nROLECALL_INPUTS\nROLECALL_ENVIRON\nROLECALL_PROFILE_REGION
ROLECALL_FINGERPRINT\nROLECALL_PROTECTED\nROLECALL_RIGHTS'
_rolecall_claim='' _rolecall_read=once _rolecall_late=0 _rolecall_profile=''
_rolecall_enter
