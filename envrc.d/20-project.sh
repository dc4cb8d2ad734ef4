# shellcheck shell=bash
# What Python last understood of .env and roles.toml, read with builtins: never sourced, never run.

# Usage: _rolecall_read_project
# Sets _rolecall_inputs, _rolecall_default, _rolecall_identity, _rolecall_env and _rolecall_refused; succeeds if
# they are still true. A file that is not whole, or holds a name that Python never writes, is none.
_rolecall_read_project() {
  local LC_ALL=C line number=0 count=0 is_true=0 is_known='' is_whole=''
  _rolecall_inputs='' _rolecall_default='' _rolecall_identity='' _rolecall_env=() _rolecall_refused=()
  _rolecall_is_ours "$_rolecall_dir/project.snapshot" || return 1
  while IFS= read -r -n 300000 line; do # a value has at most 128 KiB
    is_whole=''
    case $line in
    @format=2) is_known=1 ;;
    @inputs=*) _rolecall_inputs=${line#*=} ;;
    @default=*) _rolecall_default=${line#*=} ;;
    @identity=*) _rolecall_identity=${line#*=} ;;
    @news=*) is_true=1 ;; # Python has something to say about roles.toml
    @refused=*) _rolecall_refused+=("${line#*=}") ;;
    @input=*)
      _rolecall_is_unchanged "$_rolecall_root/${line#*=}" "$_rolecall_dir/stamps/$number" || is_true=1
      if ((number > 1)); then # the first two are watched in any case
        _rolecall_watch+=("$_rolecall_root/${line#*=}")
      fi
      number=$((number + 1))
      ;;
    _rolecall* | direnv=* | DIRENV_* | BASH* | LD_* | DYLD_* | IFS=* | PATH=* | PS[0-4]=* | PROMPT_COMMAND=*) break ;;
    [A-Za-z_]*=*)
      [[ ${line%%=*} != *[!A-Za-z0-9_]* ]] || break
      _rolecall_env+=("$line")
      ;;
    @end) is_whole=1 ;;
    *) break ;;
    esac
    count=$((count + 1))
    ((count < 20000)) || break
  done <"$_rolecall_dir/project.snapshot"
  if [[ -n $line || -z $is_known || -z $is_whole || -z $_rolecall_inputs ]]; then
    _rolecall_inputs='' _rolecall_default='' _rolecall_identity='' _rolecall_env=() _rolecall_refused=()
    return 1
  fi
  return "$is_true"
}

# Usage: _rolecall_is_unchanged FILE STAMP
# A stamp has the mtime its file had when Python read it; bash can compare mtimes, not read them.
_rolecall_is_unchanged() {
  if [[ ! -e $1 ]]; then
    [[ ! -e $2 ]]
    return
  fi
  [[ -e $2 && ! $1 -nt $2 && ! $1 -ot $2 ]] || return 1
  ((BASH_VERSINFO[0] > 4)) || [[ $_rolecall_dir/project.snapshot -nt $1 ]] || _rolecall_has_same_time "$1" "$2"
}

# Usage: _rolecall_has_same_time FILE STAMP
# An older bash compares whole seconds. Where the snapshot is of the very second of the file, there may have
# been an edit after it: stat (GNU's, else BSD's) tells the rest of the second.
_rolecall_has_same_time() {
  local times
  times=$(stat -L -c %.9Y "$1" "$2" 2>/dev/null || stat -L -f %Fm "$1" "$2")
  [[ -n $times && ${times%%$'\n'*} == "${times##*$'\n'}" ]]
}

# Usage: _rolecall_find_picky
# Sets _rolecall_picky: tcsh or fish, where direnv writes for it and .env may hold what it cannot take; nothing
# elsewhere. One look at all lines serves nearly every project: a look at each costs 8 µs a line. For which
# shell direnv writes, its command line says in the end.
_rolecall_find_picky() {
  local PATH=${_rolecall_path:-$PATH} LC_ALL=C all=" ${_rolecall_env[*]-}" name word shell='' is_doubtful=''
  _rolecall_picky=''
  [[ $all != *[\\\`\"\$\{\}]* && $all != *[![:print:]]* ]] || is_doubtful=1
  for name in "${_rolecall_fish_names[@]}"; do
    [[ $all != *" $name="* ]] || is_doubtful=1
  done
  [[ -n $is_doubtful ]] || return 0
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
    [[ " ${_rolecall_fish_names[*]} " == *" $1 "* ]] || return 1
    _rolecall_say "$1 of .env is not set: fish keeps that name for itself"
    ;;
  *) return 1 ;;
  esac
}

# Usage: _rolecall_export_project
# A value with a newline or a backslash stands encoded; printf undoes it. The names here are ours: .env may
# have a `line` and a `value`, which a local of that name would swallow.
_rolecall_export_project() {
  local _rolecall_line _rolecall_value _rolecall_picky
  for _rolecall_line in ${_rolecall_refused[@]+"${_rolecall_refused[@]}"}; do
    _rolecall_say "$_rolecall_line"
  done
  _rolecall_find_picky
  for _rolecall_line in ${_rolecall_env[@]+"${_rolecall_env[@]}"}; do
    _rolecall_value=${_rolecall_line#*=}
    if [[ $_rolecall_value == *\\* ]]; then
      printf -v _rolecall_value '%b' "$_rolecall_value"
    fi
    if [[ -z $_rolecall_picky ]] || ! _rolecall_is_refused "${_rolecall_line%%=*}" "$_rolecall_value"; then
      export "${_rolecall_line%%=*}=$_rolecall_value"
    fi
  done
}

_rolecall_fish_names=(version hostname history fish_pid fish_killring status_generation FISH_VERSION SHLVL umask _)
