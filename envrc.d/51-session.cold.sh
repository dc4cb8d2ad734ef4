# shellcheck shell=bash
# Gets a session by Python, where none is on disk or the one there is soon to be renewed. Needs 51-failing.cold.sh.

# Usage: _rolecall_has_python
_rolecall_has_python() {
  if [[ -n $_rolecall_interpreter ]] && ! _rolecall_is_clean "$_rolecall_interpreter"; then
    [[ $_rolecall_says != held ]] || _rolecall_says='it came with git'
    _rolecall_say "the Python in $_rolecall_interpreter was not run: $_rolecall_says (try: ${_rolecall_command}setup)"
    return 1
  fi
  [[ ! -x $_rolecall_python || ! -f $_rolecall_package/__main__.py ]] || return 0
  _rolecall_say "$_rolecall_python or $_rolecall_package is gone (try: $_rolecall_setup)"
  return 1
}

# Usage: _rolecall_call VERB [ROLE]
# Becomes Python, isolated (-I: no PYTHON* variables, no current folder) and without the site module (-S: no
# .pth file runs); see rolecall/__main__.py. Bytecode has a private place where the package is the project's.
_rolecall_call() {
  local words=(-I -S)
  LC_ALL=${_rolecall_locale#=}
  [[ -n $_rolecall_locale ]] || unset -v LC_ALL
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

# Usage: _rolecall_read_clock
# Sets _rolecall_now. bash before 5.0 has no EPOCHSECONDS; there, and only there, this forks.
_rolecall_read_clock() {
  local PATH=${_rolecall_path:-$PATH}
  _rolecall_now=${EPOCHSECONDS:-$(date +%s)}
}

# Usage: _rolecall_claim FILE
# Makes this shell the one that fetches, or waits for the one that does: fifty shells must not start fifty
# Pythons. Sets _rolecall_claim: ours, ended (the other one has, or died), late (it has not).
# Which process calls STS is settled by Python's lock alone; a claim only saves work. It dies with its pid,
# and is void after ten seconds: a pid is used again. One that stays empty was left by a full disk; one that is
# longer than any of ours counts as empty.
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
    { read -r -n 64 holder since && ! read -r -n 1 _; } 2>/dev/null <"$1" || holder=''
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
  local PATH=$_rolecall_path _rolecall_started=${EPOCHREALTIME:-$_rolecall_now} claim=$_rolecall_dir/project.claim turn
  _rolecall_read_cold load || return 0
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
  elif _rolecall_has_python && _rolecall_read_cold trust && _rolecall_is_trusted; then
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
  local PATH=$_rolecall_path
  if ! _rolecall_has_python || ! _rolecall_read_cold trust || ! _rolecall_is_trusted; then
    return 0
  fi
  (_rolecall_call renew "$_rolecall_role") </dev/null >/dev/null 2>&1 3>&- &
}
