# Renews the project's role before it expires, without a process of its own, and loads it on `cd`.
{% if hook %}
if command -v direnv >/dev/null; then eval "$(direnv hook bash)"; fi
{% endif %}
if [ -n "${DIRENV_DIFF:-}" ]; then DIRENV_WATCHES=; fi
_rolecall_prompt() {
  local status=$? at=${ROLECALL_RENEW_AT:-}
  [[ -n $at && $at != *[!0-9]* ]] || return "$status"
  # bash before 5.0 has no clock. SECONDS goes on from what `date` said, for half a minute: a person may set
  # SECONDS, or the clock.
  if [[ -z ${EPOCHSECONDS:-} ]] && ((SECONDS < ${_rolecall_asked:=SECONDS + 1} || SECONDS >= _rolecall_asked + 30)); then
    _rolecall_asked=$SECONDS
    _rolecall_epoch=$(($(date +%s) - SECONDS))
  fi
  if ((${EPOCHSECONDS:-_rolecall_epoch + SECONDS} >= at)); then
    DIRENV_WATCHES=
  fi
  return "$status"
}
# First of all, so that direnv's hook after it sees the emptied list.
if [[ ${PROMPT_COMMAND[*]:-} == *_rolecall_prompt* ]]; then
  :
elif [[ $(declare -p PROMPT_COMMAND 2>/dev/null) == 'declare -a'* ]]; then
  PROMPT_COMMAND=(_rolecall_prompt "${PROMPT_COMMAND[@]}")
else
  PROMPT_COMMAND="_rolecall_prompt${PROMPT_COMMAND:+;$PROMPT_COMMAND}"
fi
