# Renews the project's role before it expires, without a process of its own, and loads it on `cd`.
_rolecall_install() {
  emulate -L zsh # with ksh_arrays an array's name alone is its first element: other hooks would be lost
{% if hook %}
  if (( $+commands[direnv] )); then eval "$(direnv hook zsh)"; fi
{% endif %}
  if [[ -n ${DIRENV_DIFF:-} ]]; then DIRENV_WATCHES=; fi
  zmodload zsh/datetime
  # First of all, so that direnv's hook after it sees the emptied list.
  typeset -ag precmd_functions preexec_functions
  precmd_functions=(_rolecall_precmd ${precmd_functions:#_rolecall_precmd})
  preexec_functions=(_rolecall_preexec ${preexec_functions:#_rolecall_preexec})
}
_rolecall_is_due() {
  [[ -n ${ROLECALL_RENEW_AT:-} && $ROLECALL_RENEW_AT != *[^0-9]* ]] && (( EPOCHSECONDS >= ROLECALL_RENEW_AT ))
}
_rolecall_precmd() {
  if _rolecall_is_due; then DIRENV_WATCHES=; fi
}
_rolecall_preexec() {
  if _rolecall_is_due && (( ${+functions[_direnv_hook]} )); then DIRENV_WATCHES=; _direnv_hook; fi
}
_rolecall_install
unfunction _rolecall_install
