# Completes tasks, flags and role names for `invoke` in projects that were set up; elsewhere fish's own rules hold.
set -g _rolecall_tasks {{ folder | shell }}
function _rolecall_words # the file with this project's tasks
    set -l root (pwd -P)
    while test -n "$root"
        set -l file $_rolecall_tasks/(string replace -a / % -- $root)
        if test -r $file
            echo $root
            echo $file
            return 0
        end
        set root (string replace -r '/[^/]*$' '' -- $root)
    end
    return 1
end
function _rolecall_roles --argument-names root
    test -r $root/envrc.d/roles.toml; or return 0
    string match -rg '^\s*\[roles\.(?|"([^"]+)"|([^].]+))' <$root/envrc.d/roles.toml | sort -u
end
function _rolecall_complete
    set -l found (_rolecall_words); or return
    set -l before (commandline -opc)
    set -l cur (commandline -ct)
    contains -- -- $before; and return
    if string match -q -- '--role=*' $cur
        printf '%s\n' --role=(_rolecall_roles $found[1])
        return
    else if contains -- "$before[-1]" --role -r
        _rolecall_roles $found[1]
        return
    end
    set -l flags
    while read -l line
        set -l parts (string split ' ' -- $line)
        if test "$parts[1]" != '#'
            string match -q -- '-*' $cur; or echo $parts[1]
            contains -- $parts[1] $before; and set flags $parts[2..]
        end
    end <$found[2]
    if string match -q -- '-*' $cur; and set -q flags[1]
        printf '%s\n' $flags
    end
end
for _rolecall_command in invoke inv
    complete -c $_rolecall_command -n '_rolecall_words >/dev/null' -f -a '(_rolecall_complete)'
end
