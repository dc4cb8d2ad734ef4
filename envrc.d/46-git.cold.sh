# shellcheck shell=bash
# Asks git again, where an index has changed since it was asked last.

# Usage: _rolecall_ask_git FOLDER PATH
# Succeeds where the repository whose .git is in FOLDER holds nothing at PATH or below, however it is spelled: a
# disk may not tell capitals apart. Where git cannot say, it fails. As rolecall.system.programs.git does.
_rolecall_ask_git() {
  local found code=0 path=${2#/}
  path=${path:+:(icase,literal)$path}
  found=$(
    unset -v "${!GIT_@}"
    export LC_ALL=C GIT_OPTIONAL_LOCKS=0
    exec git -c core.fsmonitor=false -c safe.bareRepository=explicit -C "$1" ls-files -- "${path:-.}" 2>&1
  ) || code=$?
  if ((code)) && [[ $found == *'not a git repository'* ]]; then
    return 0
  elif ((code)); then
    _rolecall_says="git cannot say what came with it: ${found%%$'\n'*}"
  elif [[ -n $found ]]; then
    _rolecall_says=held
  fi
  [[ -z $_rolecall_says ]]
}
