# Renews the project's role before it expires, without a process of its own, and loads it on `cd`.
if ($?prompt) then
    if ($?DIRENV_DIFF) setenv DIRENV_WATCHES ""
    # tcsh expands a whole line before it runs any of it: eval keeps an unset variable out of sight
    alias _rolecall_prompt 'if ($?ROLECALL_RENEW_AT) eval '"'"'if (`date +%s` >= $ROLECALL_RENEW_AT) setenv DIRENV_WATCHES'"'"
{% if hook %}
    which direnv >& /dev/null
    if (! $status) eval `direnv hook tcsh`
{% endif %}
    set _rolecall_before = "`alias precmd`"
    alias precmd "_rolecall_prompt; $_rolecall_before"
    unset _rolecall_before
endif
