# shellcheck shell=bash
# The session: warm from its file with builtins alone; else through `rolecall assume`.

# Usage: _rolecall_mark_environ
# Sets _rolecall_mark: what of the environment decides who assumes, as credentials/aws/environment.py says it;
# nothing where the project does. Keys that rolecall exported (`exec`) are nobody's: project/own_exports.py.
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
  local LC_ALL=C rest
  rest=${1//[!A-Za-z0-9]/_}
  while [[ -n $rest ]]; do
    key=$(((${key:-0} * 257 + 64#${rest:0:10}) % 1099511627689)) rest=${rest:10}
  done
}

# Usage: _rolecall_read_session
# Reads the session that this terminal holds, or else the one of every shell; see rolecall/credentials/store/held.py.
# Sets _rolecall_name, the file's name.
_rolecall_read_session() {
  _rolecall_mark_environ
  _rolecall_file_name "$_rolecall_role${_rolecall_mark:+ $_rolecall_mark}"
  _rolecall_state=none
  [[ -n $_rolecall_role ]] || return 0
  if [[ -n $_rolecall_terminal ]]; then
    _rolecall_read_file "$_rolecall_dir/elevated/$_rolecall_terminal/$_rolecall_name.env" elevated
    [[ $_rolecall_state == none ]] || return 0
    _rolecall_read_file "$_rolecall_dir/held/$_rolecall_terminal/$_rolecall_name.env" protected
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
# Sets what _rolecall_read_session looks at; fails where FILE is not whole, as Python's session_file.session does.
_rolecall_parse_session() {
  local LC_ALL=C line names='' count=0
  _rolecall_is_ours "$1" || return 1
  while IFS= read -r -n 16384 line; do
    count=$((count + 1))
    ((count <= 40)) || return 1
    case $line in
    *[!A-Za-z0-9_./:@%+=,-]*) return 1 ;;
    AWS_ACCOUNT_ID=?*) _rolecall_account=${line#*=} && _rolecall_session+=("$line") ;;
    AWS_ACCESS_KEY_ID= | AWS_SECRET_ACCESS_KEY= | AWS_SESSION_TOKEN=) return 1 ;;
    AWS_*=?*) _rolecall_session+=("$line") ;;
    ROLECALL_ROLE=*) role=${line#*=} && _rolecall_session+=("$line") ;;
    ROLECALL_EXPIRES=*) _rolecall_expires=${line#*=} ;;
    ROLECALL_RENEW_AT=*) _rolecall_renew_at=${line#*=} ;;
    ROLECALL_INPUTS=*) inputs=${line#*=} ;;
    ROLECALL_ENVIRON=*) environ=${line#*=} ;;
    ROLECALL_PROTECTED=*) _rolecall_protected=${line#*=} ;;
    ROLECALL_RIGHTS=*) _rolecall_rights=${line#*=} ;;
    ROLECALL_PROFILE_REGION=*) _rolecall_region=${line#*=} ;;
    esac
    names+="${line%%=*} "
  done <"$1"
  [[ -z $line && $names == "$_rolecall_session_names " ]] || return 1
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

# Usage: _rolecall_is_failing
# Succeeds, and says why, where the same attempt failed less than half a minute ago and nobody has
# edited .env or roles.toml since. The marker's time is that of the attempt's begin; an edit in the same
# second counts as one after it (bash 3.2 compares whole seconds).
_rolecall_is_failing() {
  local file line until says count
  for file in "$_rolecall_dir/$_rolecall_name.failed" "$_rolecall_dir/@project.failed"; do
    _rolecall_is_ours "$file" || continue
    [[ $file -nt $_rolecall_root/.env && $file -nt $_rolecall_root/envrc.d/roles.toml ]] || continue
    until='' says='' count=0
    while IFS= read -r -n 4096 line; do
      count=$((count + 1))
      ((count <= 10)) || break
      case $line in
      until=*) until=${line#*=} ;;
      says=*) says=${line#*=} ;;
      esac
    done <"$file"
    _rolecall_is_epoch "$until" || continue
    if ((_rolecall_now < until && until <= _rolecall_now + 30)); then
      _rolecall_failure=$says
      return 0
    fi
  done
  return 1
}

# Usage: _rolecall_has_python
_rolecall_has_python() {
  if [[ -n $_rolecall_interpreter ]] && ! _rolecall_is_clean "$_rolecall_interpreter"; then
    [[ $_rolecall_says != held ]] || _rolecall_says='it came with git'
    _rolecall_say "nothing was run by the Python in $_rolecall_interpreter: $_rolecall_says (try: ${_rolecall_command}setup)"
    return 1
  fi
  [[ ! -x $_rolecall_python || ! -f $_rolecall_package/__main__.py ]] || return 0
  _rolecall_say "$_rolecall_python or $_rolecall_package is gone (try: python3 tasks.py setup)"
  return 1
}

# Usage: _rolecall_call VERB [ROLE]
# Becomes Python, isolated (-I: no PYTHON* variables, no current folder) and without the site module (-S: no
# .pth file runs); see rolecall/__main__.py. Bytecode has a private place where the package is the project's.
_rolecall_call() {
  local words=(-I -S)
  [[ -z $_rolecall_bytecode ]] || words+=(-X "pycache_prefix=$_rolecall_bytecode")
  ROLECALL_SITE=$_rolecall_site ROLECALL_COMMAND=$_rolecall_command exec "$_rolecall_python" "${words[@]}" "$_rolecall_package/__main__.py" "$@" "$_rolecall_root"
}

# Usage: _rolecall_has_time
# Succeeds while so little of the 4 s of this `cd` is spent that Python can still be started. By the clock: on
# a busy machine a wait of 0.2 s takes longer; where it was put back, there is none. bash before 5.0 knows whole seconds only.
_rolecall_has_time() {
  local now=${EPOCHREALTIME:-} spent
  if [[ -n $now ]]; then
    spent=$((${now//[!0-9]/} - ${_rolecall_started//[!0-9]/}))
    ((spent >= 0 && spent < 2500000))
  else
    _rolecall_read_clock
    spent=$((_rolecall_now - _rolecall_started))
    ((spent >= 0 && spent < 2))
  fi
}

# Usage: _rolecall_claim FILE
# Makes this shell the one that fetches, or waits for the one that does: fifty shells must not start fifty
# Pythons. Sets _rolecall_claim: ours, ended (the other one has, or died), late (it has not).
# Which process calls STS is settled by Python's lock alone; a claim only saves work. It dies with its pid,
# and is void after ten seconds: a pid is used again. One that stays empty was left by a full disk.
_rolecall_claim() {
  local holder='' since='' empty=0
  # shellcheck disable=SC2174 # the parents are the system's or get the umask's private mode
  [[ -d $_rolecall_dir ]] || (umask 077 && mkdir -p -m 700 "$_rolecall_dir") 2>/dev/null || true
  # In a pipe's place the line below would wait for a reader.
  [[ ! -e $1 && ! -L $1 ]] || _rolecall_is_ours "$1" || rm -f "$1" 2>/dev/null || true
  if (umask 077 && set -o noclobber && echo "$$ $_rolecall_now" >"$1") 2>/dev/null; then
    _rolecall_claim=ours
    return 0
  fi
  _rolecall_claim=ended
  while _rolecall_is_ours "$1"; do
    { read -r -n 64 holder since <"$1"; } 2>/dev/null || holder=''
    [[ -n $holder ]] || empty=$((empty + 1))
    _rolecall_read_clock
    if ((empty > 1)) || [[ -n $holder ]] && ! _rolecall_is_alive "$holder" "$since"; then
      rm -f "$1"
      return 0
    fi
    if ! _rolecall_has_time; then
      _rolecall_claim=late
      return 0
    fi
    sleep 0.2
  done
}

# Usage: _rolecall_is_alive PID SINCE
# A claim from the future is void, too: the clock was put back.
_rolecall_is_alive() {
  _rolecall_is_epoch "$1" && _rolecall_is_epoch "$2" &&
    ((_rolecall_now - $2 < 10 && $2 - _rolecall_now < 2)) && kill -0 "$1" 2>/dev/null
}

# Usage: _rolecall_cold
# Gets a session, or says why there is none. Whoever held the claim before may have left one, or a failure:
# everything is read again before Python is started. The claim is the project's: without a snapshot nobody
# knows yet which role it is for.
_rolecall_cold() {
  local _rolecall_started=${EPOCHREALTIME:-$_rolecall_now} claim=$_rolecall_dir/project.claim turn
  if _rolecall_is_failing; then # nothing is tried, so what was read is true and the kept watches hold
    _rolecall_say "$_rolecall_failure"
    return 0
  fi
  _rolecall_read=again
  for turn in 1 2; do
    _rolecall_is_failing || _rolecall_claim "$claim"
    _rolecall_read_clock
    _rolecall_load
    [[ $_rolecall_claim == ended && $turn == 1 && $_rolecall_state != warm && $_rolecall_state != soft ]] || break
  done
  if [[ $_rolecall_state == warm || $_rolecall_state == soft ]]; then
    :
  elif _rolecall_is_failing; then
    _rolecall_say "$_rolecall_failure"
  elif [[ $_rolecall_claim == late ]] || ! _rolecall_has_time; then
    _rolecall_late=1
    _rolecall_say 'another shell is still getting this session; the next prompt looks again'
  elif _rolecall_has_python && _rolecall_is_trusted; then
    _rolecall_assume "$_rolecall_started"
  fi
  if [[ $_rolecall_claim == ours ]]; then
    rm -f "$claim"
  fi
}

# Usage: _rolecall_assume STARTED
# It never asks here and keeps a deadline of its own for the whole `cd`. What it learned of .env is on disk
# also where it fails, so everything is read again.
_rolecall_assume() {
  (ROLECALL_STARTED=$1 _rolecall_call assume) </dev/null >&2 || true
  _rolecall_read_clock
  _rolecall_load
}

# Usage: _rolecall_renew
# Renews behind the prompt. direnv waits for the end of its fd 3: a child that kept it would hold it up.
_rolecall_renew() {
  if _rolecall_is_failing || ! _rolecall_has_python || ! _rolecall_is_trusted; then
    return 0
  fi
  (_rolecall_call renew "$_rolecall_role") </dev/null >/dev/null 2>&1 3>&- &
}

# Usage: _rolecall_export_session
# With keys exported no profile may stand beside them: SDKs disagree on which wins.
_rolecall_export_session() {
  local line
  unset AWS_PROFILE AWS_DEFAULT_PROFILE AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN
  unset AWS_CREDENTIAL_EXPIRATION AWS_ACCOUNT_ID ROLECALL_ROLE
  if [[ $_rolecall_state == locked ]]; then # its marks are watched: nothing is to be renewed
    unset ROLECALL_RENEW_AT
    return 0
  fi
  if [[ $_rolecall_state == none ]]; then
    export ROLECALL_RENEW_AT=$((_rolecall_now + (_rolecall_late ? 0 : 120)))
    return 0
  fi
  for line in "${_rolecall_session[@]}"; do
    export "${line?}"
  done
  _rolecall_export_region
  case $_rolecall_state in
  warm) export ROLECALL_RENEW_AT=$_rolecall_renew_at ;;
  soft) export ROLECALL_RENEW_AT=$((_rolecall_now + 60)) ;;
  *) export ROLECALL_RENEW_AT=$((_rolecall_now + 30)) ;;
  esac
  _rolecall_human "$((_rolecall_expires - _rolecall_now))"
  _rolecall_say "$_rolecall_role · $_rolecall_account · ${_rolecall_protected:+protected · }${_rolecall_rights:+$_rolecall_rights · }$_rolecall_left left"
}

# Usage: _rolecall_export_region
# One region under both of its names. What the project declares is there by now; else the person's own counts,
# else that of the profile that assumed.
_rolecall_export_region() {
  local region=${AWS_REGION:-${AWS_DEFAULT_REGION:-$_rolecall_region}}
  if [[ -n $region ]]; then
    export AWS_REGION=$region AWS_DEFAULT_REGION=$region
  fi
}

# Usage: _rolecall_enter
# All that may start a program, Python among them.
_rolecall_enter() {
  local PATH=$_rolecall_path
  _rolecall_find_terminal
  _rolecall_load
  if _rolecall_is_locked; then
    _rolecall_state=locked
    _rolecall_say "$_rolecall_root is locked; no role is loaded until you assume one (try: ${_rolecall_command}assume)"
  fi
  case $_rolecall_state in
  warm | locked) ;;
  soft) _rolecall_renew ;;
  *) _rolecall_cold ;;
  esac
}

# The lines of a session file, in their order: session_file.NAMES. One that lacks a line could have lost its protection.
_rolecall_session_names='AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN AWS_CREDENTIAL_EXPIRATION AWS_REGION'
_rolecall_session_names+=' AWS_DEFAULT_REGION AWS_ACCOUNT_ID ROLECALL_ROLE ROLECALL_ROLE_ARN ROLECALL_ASSUMED_ARN'
_rolecall_session_names+=' ROLECALL_ASSUMED_ID ROLECALL_ISSUED ROLECALL_EXPIRES ROLECALL_RENEW_AT ROLECALL_INPUTS'
_rolecall_session_names+=' ROLECALL_ENVIRON ROLECALL_PROFILE_REGION ROLECALL_FINGERPRINT ROLECALL_PROTECTED ROLECALL_RIGHTS'
_rolecall_claim='' _rolecall_read=once _rolecall_late=0
_rolecall_enter
_rolecall_export_project
_rolecall_export_session
