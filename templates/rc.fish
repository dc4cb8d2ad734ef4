# Renews the project's role before it expires, without a process of its own, and loads it on `cd`.
status is-interactive; or exit 0
if set -q DIRENV_DIFF
    set -gx DIRENV_WATCHES
end
# fish has no clock of its own, but can tell a file's age: its time and its age add up to now.
function _rolecall_is_due
    string match -qr '^[0-9]+$' -- "$ROLECALL_RENEW_AT"; or return 1
    set -l now (path mtime / 2>/dev/null) (path mtime -R / 2>/dev/null)
    if test (count $now) -eq 2
        test (math $now[1] + $now[2]) -ge $ROLECALL_RENEW_AT
    else
        test (date +%s) -ge $ROLECALL_RENEW_AT
    end
end
function _rolecall_prompt --on-event fish_prompt
    _rolecall_is_due; and set -gx DIRENV_WATCHES
end
function _rolecall_preexec --on-event fish_preexec
    _rolecall_is_due; or return 0
    set -gx DIRENV_WATCHES
    command direnv export fish | source
end
{% if hook %}
command -q direnv; and direnv hook fish | source
{% endif %}
