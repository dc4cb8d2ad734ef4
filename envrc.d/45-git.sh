# shellcheck shell=bash
# Tells which files came with git. A warm `cd` starts no git: a pull is noticed by the time of the index that it writes.

# Usage: _rolecall_is_clean FOLDER
# Succeeds where no repository around FOLDER, or around what it links to, holds any of it; else sets
# _rolecall_says. Each pull writes the repository's index anew, so git is asked only where an index has another
# time than when it was asked last.
_rolecall_is_clean() {
  local PATH=$_rolecall_path back=$PWD before=${OLDPWD:-} place=$1 at=$1 number=0 stamp index
  _rolecall_says=''
  while :; do
    while [[ -n $at ]]; do
      if [[ -e $at/.git || -L $at/.git ]]; then
        stamp=$_rolecall_dir/stamps/${1##*/}-$number index=.git
        number=$((number + 1))
        if [[ -f $at/.git ]]; then # in a worktree and a submodule a file says where the repository is
          IFS= read -r -n 4096 index <"$at/.git" || true
          index=${index#gitdir: }
        fi
        [[ $index == /* ]] || index=$at/$index
        if [[ -e $index/index.lock ]]; then
          _rolecall_says="git is at work in $at, so it cannot say what came with it"
          return 1
        elif ! _rolecall_is_unchanged "$index/index" "$stamp"; then
          touch -r "$index/index" "$stamp" 2>/dev/null || rm -f "$stamp"
          if ! { _rolecall_read_cold git && _rolecall_ask_git "$at" "${place#"$at"}"; }; then
            rm -f "$stamp"
            return 1
          fi
        fi
      fi
      at=${at%/*}
    done
    [[ $place == "$1" && -L $1 ]] || return 0
    builtin cd -P "$1" && place=$PWD at=$PWD && builtin cd "$back" || return 1
    OLDPWD=$before
    [[ $place != "$1" ]] || return 0
  done
}
