# shellcheck shell=bash
# Reads the project in an older bash, and for a shell that cannot take every value.

# Usage: _rolecall_has_same_time FILE STAMP
# An older bash compares whole seconds. Where the snapshot is of the very second of the file, there may have
# been an edit after it: stat (GNU's, else BSD's) tells the rest of the second.
_rolecall_has_same_time() {
  local times
  times=$(stat -L -c %.9Y "$1" "$2" 2>/dev/null || stat -L -f %Fm "$1" "$2")
  [[ -n $times && ${times%%$'\n'*} == "${times##*$'\n'}" ]]
}

# Usage: _rolecall_find_reader
# Sets _rolecall_picky, from the end of direnv's command line: it says for which shell direnv writes.
_rolecall_find_reader() {
  local PATH=${_rolecall_path:-$PATH} word shell=''
  if [[ -r /proc/$PPID/cmdline ]]; then
    while IFS= read -r -d '' word; do
      shell=$word
    done <"/proc/$PPID/cmdline"
  else
    shell=$(ps -ww -o args= -p "$PPID")
  fi
  case ${shell##* } in
  tcsh | fish) _rolecall_picky=${shell##* } ;;
  esac
}

# Usage: _rolecall_is_refused NAME VALUE
# Succeeds, and says so, where the picky shell cannot take it. direnv does not quote for tcsh what that runs
# (backticks) or loads nothing at all for (a dollar, a quote); fish keeps some names for itself.
_rolecall_is_refused() {
  local LC_ALL=C
  case $_rolecall_picky in
  tcsh)
    [[ $2 == *[\`\"\$\{\}]* || $2 == *[![:print:]]* ]] || return 1
    _rolecall_say "$1 of .env is not set: direnv cannot quote its value for tcsh"
    ;;
  fish)
    [[ " $1=" =~ $_rolecall_fish_name ]] || return 1
    _rolecall_say "$1 of .env is not set: fish keeps that name for itself"
    ;;
  *) return 1 ;;
  esac
}
