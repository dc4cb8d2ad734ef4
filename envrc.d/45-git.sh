# shellcheck shell=bash
# Tells which files came with git. A warm `cd` starts no git: a pull is noticed by the time of the index that it writes.

# Usage: _rolecall_is_clean FOLDER
# Succeeds where no repository around FOLDER, or around what it links to, holds any of it; else sets
# _rolecall_says. Each pull writes the repository's index anew, so git is asked only where an index has another
# time than when it was asked last.
_rolecall_is_clean() {
  local PATH=$_rolecall_path back=$PWD before=${OLDPWD:-} real=''
  _rolecall_says='' _rolecall_number=0
  _rolecall_is_clean_place "$1" "$1" || return 1
  [[ -L $1 ]] || return 0
  builtin cd -P "$1" && real=$PWD && builtin cd "$back" || return 1
  OLDPWD=$before
  _rolecall_is_clean_place "$real" "$1"
}

# Usage: _rolecall_is_clean_place PLACE FOLDER
_rolecall_is_clean_place() {
  local at=$1 stamp
  while [[ -n $at ]]; do
    if [[ -e $at/.git || -L $at/.git ]]; then
      stamp=$_rolecall_dir/stamps/${2##*/}-$_rolecall_number
      _rolecall_number=$((_rolecall_number + 1))
      _rolecall_find_index "$at"
      if [[ -e $_rolecall_index.lock ]]; then
        _rolecall_says="git is at work in $at, so it cannot say what came with it"
        return 1
      elif ! _rolecall_is_unchanged "$_rolecall_index" "$stamp"; then
        touch -r "$_rolecall_index" "$stamp" 2>/dev/null || rm -f "$stamp"
        if ! { _rolecall_read_cold git && _rolecall_ask_git "$at" "${1#"$at"}"; }; then
          rm -f "$stamp"
          return 1
        fi
      fi
    fi
    at=${at%/*}
  done
}

# Usage: _rolecall_find_index FOLDER
# Sets _rolecall_index: the index of the repository whose .git is in FOLDER. In a worktree and a submodule .git is
# a file that says where the repository is.
_rolecall_find_index() {
  local line=''
  _rolecall_index=$1/.git/index
  [[ -f $1/.git ]] || return 0
  IFS= read -r -n 4096 line <"$1/.git" || true
  line=${line#gitdir: }
  [[ $line == /* ]] || line=$1/$line
  _rolecall_index=$line/index
}
