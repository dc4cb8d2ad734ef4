# Completes tasks, flags, their values and roles: for `rolecall`, and for `invoke` in projects that were set up.
set -g _rolecall_tasks {{ folder | shell }}
function _rolecall_words --argument-names program # the project's folder, and the file with the tasks
    set -l root (pwd -P)
    while test -n "$root"
        set -l file $_rolecall_tasks/(string replace -a / % -- $root)
        if test "$program" = rolecall
            test -e $root/envrc.d/roles.toml; and break
        else if test -r $file
            printf '%s\n' $root $file
            return 0
        end
        set root (string replace -r '/[^/]*$' '' -- $root)
    end
    test "$program" = rolecall -a -r $_rolecall_tasks/rolecall; or return 1
    printf '%s\n' "$root" $_rolecall_tasks/rolecall
end
function _rolecall_offer --argument-names kind root # what can stand in a place
    switch $kind
        case @roles
            test -r $root/envrc.d/roles.toml; or return 0
            string match -rg '^\s*\[roles\.(?|"([^"]+)"|([^].]+))' <$root/envrc.d/roles.toml | sort -u
        case @profiles
            set -l file ~/.aws/config
            set -q AWS_CONFIG_FILE; and set file $AWS_CONFIG_FILE
            test -r $file; or return 0
            string match -rg '^\[(?:profile +)?([^]]+)\]' <$file | string match -rv '^(sso-session|services) '
        case '@*'
        case '*'
            string split , -- $kind
    end
end
function _rolecall_complete
    set -l before (commandline -opc)
    set -l program (string replace -r '.*/' '' -- $before[1])
    set -l found (_rolecall_words $program); or return
    set -l cur (commandline -ct)
    contains -- -- $before; and return
    set -l tasks
    set -l flags
    set -l task
    while read -l line
        set -l parts (string split ' ' -- $line)
        switch "$parts[1]"
            case '#'
                continue
            case '@'
                set flags $parts[2..]
            case '*'
                set -a tasks $parts[1]
                contains -- $parts[1] $before[2..]; and set flags $parts[2..]; and set task $parts[1]
        end
    end <$found[2]
    set -l prev $before[-1]
    set -l joined ''
    if string match -q -- '-*=*' $cur
        set prev (string split -m 1 = -- $cur)[1]
        set joined $prev=
    end
    for word in $flags
        if string match -q -- "$prev=*" $word
            set -l kind (string split -m 1 = -- $word)[2]
            test "$kind" = @tasks; and printf '%s\n' $joined$tasks
            test -n "$kind"; and printf '%s\n' $joined(_rolecall_offer $kind $found[1])
            test -z "$kind"; and __fish_complete_path (string replace -r '^-[^=]*=' '' -- $cur)
            return
        end
    end
    if string match -q -- '-*' $cur
        string match -v -- '@*' $flags | string replace -r '=.*' ''
    else if test "$flags[1]" = @roles; and begin
            test "$prev" = "$task"; or string match -q -- '-*' $prev
        end
        _rolecall_offer @roles $found[1]
    else if test -z "$task" -o "$program" != rolecall
        printf '%s\n' $tasks
    end
end
for _rolecall_command in rolecall invoke inv
    complete -c $_rolecall_command -n "_rolecall_words $_rolecall_command >/dev/null" -f -a '(_rolecall_complete)'
end
