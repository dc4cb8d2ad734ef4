# shellcheck shell=bash
# Gets a session, or renews the one there is, unless the last attempt has just failed.

# Usage: _rolecall_is_epoch TEXT
# At most twelve digits and no leading zero: bash's arithmetic takes 08 for octal, turns over at 19 digits, and
# runs a command hidden in a subscript. LC_ALL is C.
_rolecall_is_epoch() {
  [[ $1 == [1-9]* && $1 != *[!0-9]* && ${#1} -le 12 ]]
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
      ((count <= 10)) || { until='' && break; } # longer than any of ours
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

# Usage: _rolecall_get
# After a failure nothing is tried, so what was read is true and the kept watches hold. It is said where there is no
# session to go on with.
_rolecall_get() {
  if _rolecall_is_failing; then
    [[ $_rolecall_state == soft ]] || _rolecall_say "$_rolecall_failure"
  elif ! _rolecall_read_cold session; then
    return 0
  elif [[ $_rolecall_state == soft ]]; then
    _rolecall_renew
  else
    _rolecall_cold
  fi
}
