# Renews the project's role before it expires, without a process of its own, and loads it on `cd`.
status is-interactive; or exit 0
if set -q DIRENV_DIFF
    set -gx DIRENV_WATCHES
end
# fish has no clock of its own, but can tell a file's age: its time and its age add up to now.
function _rolecall_now
    set -l now (path mtime / 2>/dev/null) (path mtime -R / 2>/dev/null)
    if test (count $now) -eq 2
        math $now[1] + $now[2]
    else
        date +%s
    end
end
# That takes ten times as long as reading /proc/uptime, which goes on through a suspend: with it, each prompt
# reads that, and asks for the time when the renewal is due or half a minute has gone: the clock may be set.
function _rolecall_plan --on-variable ROLECALL_RENEW_AT
    set -e _rolecall_look
    string match -qr '^[0-9]+$' -- "$ROLECALL_RENEW_AT"; or return 0
    set -g _rolecall_look 0
end
if test -r /proc/uptime
    function _rolecall_is_due
        set -q _rolecall_look; and read -l up rest </proc/uptime
        and test $up -ge $_rolecall_look
        or return 1
        set -l left (math $ROLECALL_RENEW_AT - (_rolecall_now))
        test $left -le 0; and return 0
        set -g _rolecall_look (math "$up + min($left, 30)")
        return 1
    end
else
    function _rolecall_is_due
        set -q _rolecall_look; and test (_rolecall_now) -ge $ROLECALL_RENEW_AT
    end
end
_rolecall_plan
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
