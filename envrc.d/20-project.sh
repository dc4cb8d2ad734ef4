# shellcheck shell=bash
# Reads what Python last understood of .env and roles.toml, with builtins: nothing is sourced or run.

# Usage: _rolecall_read_project
# Sets _rolecall_inputs, _rolecall_default, _rolecall_identity, _rolecall_delivery, _rolecall_env and
# _rolecall_refused; succeeds if they are still true. A file that is not whole, or holds a name that Python never writes, is none.
_rolecall_read_project() {
  local IFS=$'\n' text='' lines line number=0 is_true=0 is_known='' ends=0 is_whole=1
  _rolecall_inputs='' _rolecall_default='' _rolecall_identity='' _rolecall_env=() _rolecall_refused=()
  _rolecall_delivery=keys
  _rolecall_is_ours "$_rolecall_dir/project.snapshot" || return 1
  ! IFS= read -r -d '' -n 8000000 text <"$_rolecall_dir/project.snapshot" || return 1 # a NUL, or more than any
  [[ $text == *$'\n@end\n' && $text != *$'\n\n'* ]] || return 1
  # Splitting is the point, and nothing else: no * becomes a file's name.
  # shellcheck disable=SC2206
  case $- in
  *f*) lines=($text) ;;
  *)
    set -f
    lines=($text)
    set +f
    ;;
  esac
  for line in "${lines[@]}"; do
    case $line in
    @format=2) is_known=1 ;;
    @inputs=*) _rolecall_inputs=${line#*=} ;;
    @default=*) _rolecall_default=${line#*=} ;;
    @identity=*) _rolecall_identity=${line#*=} ;;
    @delivery=*) _rolecall_delivery=${line#*=} ;;
    @news=*) is_true=1 ;; # Python has something to say about roles.toml
    @refused=*) _rolecall_refused+=("${line#*=}") ;;
    @input=*)
      _rolecall_is_unchanged "$_rolecall_root/${line#*=}" "$_rolecall_dir/stamps/$number" || is_true=1
      if ((number > 1)); then # the first two are watched in any case
        _rolecall_watch+=("$_rolecall_root/${line#*=}")
      fi
      number=$((number + 1))
      ;;
    _rolecall* | direnv=* | DIRENV_* | BASH* | LD_* | DYLD_* | IFS=* | PATH=* | PS[0-4]=* | PROMPT_COMMAND=*) is_whole='' ;;
    [A-Za-z_]*=*)
      [[ ${line%%=*} != *[!A-Za-z0-9_]* ]] || is_whole=''
      _rolecall_env+=("$line")
      ;;
    @end) ends=$((ends + 1)) ;;
    *) is_whole='' ;;
    esac
  done
  if [[ -z $is_known || -z $is_whole || -z $_rolecall_inputs || $ends -ne 1 || ${#lines[@]} -gt 20000 ]]; then
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
  ((BASH_VERSINFO[0] > 4)) || [[ $_rolecall_dir/project.snapshot -nt $1 ]] || { _rolecall_read_cold project && _rolecall_has_same_time "$1" "$2"; }
}

# Usage: _rolecall_find_picky
# Sets _rolecall_picky: tcsh or fish, where direnv writes for it and .env may hold what it cannot take; nothing
# elsewhere. One look at all lines serves nearly every project: a look at each costs 8 µs a line.
_rolecall_find_picky() {
  local LC_ALL=C all=" ${_rolecall_env[*]-}"
  _rolecall_picky=''
  if [[ $all == *[\\\`\"\$\{\}]* || $all == *[![:print:]]* ||
    ($all == *' '[a-z_]* || $all == *' 'FISH_VERSION=* || $all == *' 'SHLVL=*) && $all =~ $_rolecall_fish_name ]]; then
    if _rolecall_read_cold project; then
      _rolecall_find_reader
    else
      _rolecall_env=()
    fi
  fi
}

# fish keeps these names for itself.
_rolecall_fish_name=' (version|hostname|history|fish_pid|fish_killring|status_generation|FISH_VERSION|SHLVL|umask|_)='
