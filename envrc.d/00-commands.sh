# shellcheck shell=bash
# Finds the programs that it starts outside the project's folders, so that a pull cannot bring one.

# Usage: _rolecall_find_path
# Sets _rolecall_path, the PATH of each function here that starts programs (the project's own fragments have PATH as
# it is): without what lies in the project's repository, or is relative to a folder. Sets
# _rolecall_top: the folder that a pull can change, the project's repository.
_rolecall_find_path() {
  local rest=$PATH: folder at=$_rolecall_root
  _rolecall_path=$PATH _rolecall_top=$_rolecall_root
  while [[ -n $at && $at != "${HOME:-}" ]]; do
    [[ ! -e $at/.git ]] || _rolecall_top=$at
    at=${at%/*}
  done
  [[ :$PATH: == *::* || :$PATH: == *:[!/]* || :$PATH: == *":$_rolecall_top"[:/]* || $PATH == */..* ]] || return 0
  _rolecall_path=''
  while [[ -n $rest ]]; do
    folder=${rest%%:*} rest=${rest#*:}
    if [[ $folder == /* && $folder/ != "$_rolecall_top"/* && $folder != */..* ]]; then
      _rolecall_path+=${_rolecall_path:+:}$folder
    fi
  done
}

_rolecall_find_path
