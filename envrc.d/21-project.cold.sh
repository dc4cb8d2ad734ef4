# shellcheck shell=bash
# Reads the project in an older bash, and for a shell that cannot take every value.

# Usage: _rolecall_has_same_time FILE STAMP
# An older bash compares whole seconds. Where the snapshot is of the very second of the file, there may have
# been an edit after it: stat (GNU's, else BSD's) tells the rest of the second.
_rolecall_has_same_time() {
  local PATH=${_rolecall_path:-$PATH} times
  times=$(stat -L -c %.9Y "$1" "$2" 2>/dev/null || stat -L -f %Fm "$1" "$2")
  [[ -n $times && ${times%%$'\n'*} == "${times##*$'\n'}" ]]
}

# Usage: _rolecall_find_picky fish|tcsh|ps
# Sets _rolecall_picky, where a value may be one that the shell does not take; by `ps`, where nobody knows the shell yet.
# One look at all lines serves nearly every project: a look at each costs 8 µs a line. LC_ALL is C.
_rolecall_find_picky() {
  local PATH=${_rolecall_path:-$PATH} all=" ${_rolecall_env[*]-}" shell=$1
  [[ $all == *[\\\`\"\$\{\}]* || $all == *[![:print:]]* || $all =~ $_rolecall_fish_name ]] || return 0
  [[ $shell != ps ]] || shell=$(ps -ww -o args= -p "$PPID")
  case ${shell##* } in
  tcsh | fish) _rolecall_picky=${shell##* } ;;
  esac
}

# fish keeps these names for itself.
_rolecall_fish_name=' (version|hostname|history|fish_pid|fish_killring|status_generation|FISH_VERSION|SHLVL|umask|_)='

# Usage: _rolecall_is_refused NAME VALUE
# Succeeds, and says so, where the picky shell cannot take it. direnv does not quote for tcsh what that runs
# (backticks) or loads nothing at all for (a dollar, a quote); fish keeps some names for itself.
_rolecall_is_refused() {
  local LC_ALL=C
  case $_rolecall_picky in
  tcsh)
    [[ $2 == *[\`\"\$\{\}]* || $2 == *[![:print:]]* ]] || return 1
    _rolecall_say "$1 in .env is not set: direnv cannot quote its value for tcsh"
    ;;
  fish)
    [[ " $1=" =~ $_rolecall_fish_name ]] || return 1
    _rolecall_say "$1 in .env is not set: fish keeps that name for itself"
    ;;
  *) return 1 ;;
  esac
}
