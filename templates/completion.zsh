# Completes tasks, flags, their values and roles: for `rolecall`, and for `invoke` in projects that were set up.
typeset -g _rolecall_tasks={{ folder | shell }}
_rolecall_offer() { # kind, root; adds to `reply` what can stand in a place
  emulate -L zsh
  local file=/dev/null line
  case $1 in
  @roles) file=$2/envrc.d/roles.toml ;;
  @profiles) file=${AWS_CONFIG_FILE:-$HOME/.aws/config} ;;
  @tasks) reply+=($tasks) ;;
  *) reply+=(${(s:,:)1}) ;;
  esac
  [[ -r $file ]] || return 0
  while read -r line; do
    case $line in
    '[roles."'*) line=${line#*\"}; reply+=(${line%%\"*}) ;;
    '[roles.'*) line=${${line#*.}%%]*}; reply+=(${line%%.*}) ;;
    '[profile '*) reply+=(${${line#* }%%]*}) ;;
    '[default]') reply+=(default) ;;
    esac
  done <$file
  reply=(${(u)reply})
}
_rolecall_reply() { # current index, then all words; sets reply
  emulate -L zsh
  local -i at=$1 has_value=0
  shift
  local root=${PWD:A} file line name word task= cur=${@[at]} prev=${@[at-1]}
  local -a tasks flags
  reply=()
  if [[ ${1:t} == rolecall ]]; then
    file=$_rolecall_tasks/rolecall
    while [[ ! -e $root/envrc.d/roles.toml && $root == */* ]]; do root=${root%/*}; done
  else
    while file=$_rolecall_tasks/${root//\//%} && [[ ! -f $file && $root == */* ]]; do root=${root%/*}; done
  fi
  if [[ ! -f $file ]]; then
    reply=(${(f)"$(command $1 --complete -- $* 2>/dev/null)"})
    return
  fi
  (( ${@[2,at-1][(Ie)--]} )) && return
  while IFS= read -r line; do
    name=${line%% *}
    case $name in
    '#') continue ;;
    '@') flags=(${=${line#@}}) ;;
    *)
      tasks+=($name)
      (( ${@[2,at-1][(Ie)$name]} )) && task=$name flags=(${=${line#$name}})
      ;;
    esac
  done <$file
  [[ $cur == -*=* ]] && prev=${cur%%=*}
  for word in $flags; do
    [[ $word == $prev=* ]] && has_value=1 && _rolecall_offer "${word#*=}" $root
  done
  if [[ $cur == -*=* ]]; then
    reply=($prev=$^reply)
  elif (( has_value )); then
    :
  elif [[ $cur == -* ]]; then
    reply=(${${flags:#@*}%%=*})
  elif [[ ${flags[1]-} == @roles && ($prev == $task || $prev == -*) ]]; then
    _rolecall_offer @roles $root
  elif [[ -z $task || ${1:t} != rolecall ]]; then
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
  compdef _rolecall_compadd rolecall invoke inv
else
  compctl -K _rolecall_compctl rolecall invoke inv
fi
