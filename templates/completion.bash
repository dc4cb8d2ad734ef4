# Completes tasks, flags and role names for `invoke` in projects that were set up; elsewhere what Invoke offers.
_rolecall_tasks={{ folder | shell }}
_rolecall_complete() {
  local cur=${COMP_WORDS[COMP_CWORD]} prev='' root words word current='' tasks='' flags='' roles='' line name
  root=$(pwd -P)
  ((COMP_CWORD == 0)) || prev=${COMP_WORDS[COMP_CWORD - 1]}
  while words=$_rolecall_tasks/${root//\//%} && [[ ! -f $words && $root == */* ]]; do
    root=${root%/*}
  done
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
    current+=" $word "
  done
  while IFS= read -r line; do
    name=${line%% *}
    if [[ $name != '#' ]]; then
      tasks+=" $name"
      if [[ $current == *" $name "* ]]; then
        flags=${line#"$name"}
      fi
    fi
  done <"$words"
  if [[ $prev == --role || $prev == -r ]]; then
    words=$root/envrc.d/roles.toml
    [[ -r $words ]] || words=/dev/null
    while read -r line; do
      case $line in
      '[roles."'*) line=${line#*\"} && roles+=" ${line%%\"*}" ;;
      '[roles.'*) line=${line#*.} && line=${line%%]*} && roles+=" ${line%%.*}" ;;
      esac
    done <"$words"
    tasks=$roles
  elif [[ $cur == -* ]]; then
    tasks=$flags
  fi
  # shellcheck disable=SC2207 # as above
  COMPREPLY=($(compgen -W "$tasks" -- "$cur"))
}
complete -o default -F _rolecall_complete invoke inv
