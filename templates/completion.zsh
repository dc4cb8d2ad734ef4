# Completes tasks, flags and role names for `invoke` in projects that were set up; elsewhere what Invoke offers.
typeset -g _rolecall_tasks={{ folder | shell }}
_rolecall_reply() { # current index, then all words; sets reply
  emulate -L zsh
  local -i at=$1
  shift
  local root=${PWD:A} file line name cur=${@[at]} prev=${@[at-1]}
  local -a tasks flags roles
  reply=()
  while file=$_rolecall_tasks/${root//\//%} && [[ ! -f $file && $root == */* ]]; do root=${root%/*}; done
  if [[ ! -f $file ]]; then
    reply=(${(f)"$(command $1 --complete -- $* 2>/dev/null)"})
    return
  fi
  (( ${@[2,at-1][(Ie)--]} )) && return
  while IFS= read -r line; do
    name=${line%% *}
    [[ $name == '#' ]] && continue
    tasks+=($name)
    (( ${@[2,at-1][(Ie)$name]} )) && flags=(${=${line#$name}})
  done <$file
  if [[ $prev == (--role|-r) || $cur == --role=* ]]; then
    file=$root/envrc.d/roles.toml
    [[ -r $file ]] || file=/dev/null
    while read -r line; do
      case $line in
      '[roles."'*) line=${line#*\"}; roles+=(${line%%\"*}) ;;
      '[roles.'*) line=${${line#*.}%%]*}; roles+=(${line%%.*}) ;;
      esac
    done <$file
    [[ $cur == --role=* ]] && roles=(--role=$^roles)
    reply=(${(u)roles})
  elif [[ $cur == -* ]]; then
    reply=($flags)
  else
    reply=($tasks)
  fi
}
_rolecall_compadd() {
  local -a reply
  _rolecall_reply $CURRENT "${words[@]}"
  compadd -a reply
}
_rolecall_compctl() { # where compinit was not run
  local -a all
  local -i at
  read -Ac all
  read -cn at
  _rolecall_reply $at "${all[@]}"
}
if (( $+functions[compdef] )); then
  compdef _rolecall_compadd invoke inv
else
  compctl -K _rolecall_compctl invoke inv
fi
