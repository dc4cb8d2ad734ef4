# Completes tasks, flags, their values and roles: for `rolecall`, and for `invoke` in projects that were set up.
_rolecall_tasks={{ folder | shell }}
# Usage: _rolecall_offer KIND ROOT
# Adds to `offered` what can stand in a place: words of a list, roles, profiles or tasks.
_rolecall_offer() {
  local file=/dev/null line
  case $1 in
  @roles) file=$2/envrc.d/roles.toml ;;
  @profiles) file=${AWS_CONFIG_FILE:-$HOME/.aws/config} ;;
  @tasks) offered+=$tasks ;;
  *) offered+=" ${1//,/ }" ;;
  esac
  [[ -r $file ]] || return 0
  while read -r line; do
    case $line in
    '[roles."'*) line=${line#*\"} && offered+=" ${line%%\"*}" ;;
    '[roles.'*) line=${line#*.} && line=${line%%]*} && offered+=" ${line%%.*}" ;;
    '[profile '*) line=${line#* } && offered+=" ${line%%]*}" ;;
    '[default]') offered+=' default' ;;
    esac
  done <"$file"
}
# Usage: _rolecall_read_words FILE
# Sets `tasks`, and `flags` to what the task before the cursor takes.
_rolecall_read_words() {
  local line name
  while IFS= read -r line; do
    name=${line%% *}
    case $name in
    '#') continue ;;
    '@') flags=${line#@} ;;
    *)
      tasks+=" $name"
      if [[ $before == *" $name "* ]]; then
        flags=${line#"$name"} task=$name
      fi
      ;;
    esac
  done <"$1"
}
_rolecall_complete() {
  local cur=${COMP_WORDS[COMP_CWORD]} prev='' root words word before='' task='' tasks='' flags='' offered=''
  local has_value=''
  root=$(pwd -P)
  ((COMP_CWORD == 0)) || prev=${COMP_WORDS[COMP_CWORD - 1]}
  if [[ ${COMP_WORDS[0]##*/} == rolecall ]]; then
    words=$_rolecall_tasks/rolecall
    while [[ ! -e $root/envrc.d/roles.toml && $root == */* ]]; do
      root=${root%/*}
    done
  else
    while words=$_rolecall_tasks/${root//\//%} && [[ ! -f $words && $root == */* ]]; do
      root=${root%/*}
    done
  fi
  if [[ ! -f $words ]]; then
    words=$("${COMP_WORDS[0]}" --complete -- "${COMP_WORDS[@]}" 2>/dev/null)
    # shellcheck disable=SC2207 # bash 3.2 has no mapfile; task names hold no spaces
    COMPREPLY=($(compgen -W "$words" -- "$cur"))
    return 0
  fi
  # bash splits --role=dev at the equals sign
  if [[ $cur == '=' ]]; then
    cur=''
  elif [[ $prev == '=' ]]; then
    prev=${COMP_WORDS[COMP_CWORD - 2]}
  fi
  for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    if [[ $word == -- ]]; then
      return 0
    fi
    before+=" $word "
  done
  _rolecall_read_words "$words"
  for word in $flags; do
    if [[ $word == "$prev="* ]]; then
      has_value=1
      _rolecall_offer "${word#*=}" "$root"
    fi
  done
  if [[ -z $has_value && $cur == -* ]]; then
    for word in $flags; do
      [[ $word == @* ]] || offered+=" ${word%%=*}"
    done
  elif [[ -z $has_value && $flags == ' @roles'* && ($prev == "$task" || $prev == -*) ]]; then
    _rolecall_offer @roles "$root"
  elif [[ -z $has_value && (-z $task || ${COMP_WORDS[0]##*/} != rolecall) ]]; then
    offered=$tasks
  fi
  # shellcheck disable=SC2207 # as above
  COMPREPLY=($(compgen -W "$offered" -- "$cur"))
}
complete -o default -F _rolecall_complete rolecall invoke inv
