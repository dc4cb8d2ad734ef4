# shellcheck shell=bash
# What Python last understood of .env and roles.toml, read with builtins: never sourced, never run.

# Usage: _rolecall_read_project
# Sets _rolecall_inputs, _rolecall_default and _rolecall_env; succeeds if they are still true.
_rolecall_read_project() {
  local line number=0 is_true=0
  _rolecall_inputs='' _rolecall_default='' _rolecall_env=()
  [[ -f $_rolecall_dir/project.snapshot && -O $_rolecall_dir/project.snapshot ]] || return 1
  while IFS= read -r line; do
    case $line in
    @inputs=*) _rolecall_inputs=${line#*=} ;;
    @default=*) _rolecall_default=${line#*=} ;;
    @input=*)
      _rolecall_is_unchanged "$_rolecall_root/${line#*=}" "$_rolecall_dir/stamps/$number" || is_true=1
      if ((number > 1)); then # the first two are watched in any case
        _rolecall_watch+=("$_rolecall_root/${line#*=}")
      fi
      number=$((number + 1))
      ;;
    [A-Za-z_]*=*) _rolecall_env+=("$line") ;;
    esac
  done <"$_rolecall_dir/project.snapshot"
  [[ -n $_rolecall_inputs ]] || return 1
  return "$is_true"
}

# Usage: _rolecall_is_unchanged FILE STAMP
# A stamp has the mtime its file had when Python read it; bash can compare mtimes, not read them.
_rolecall_is_unchanged() {
  if [[ -e $1 ]]; then
    [[ -e $2 && ! $1 -nt $2 && ! $1 -ot $2 ]]
  else
    [[ ! -e $2 ]]
  fi
}

# Usage: _rolecall_export_project
# A value with a newline or a backslash stands encoded; printf undoes it.
_rolecall_export_project() {
  local line value
  for line in ${_rolecall_env[@]+"${_rolecall_env[@]}"}; do
    value=${line#*=}
    if [[ $value == *\\* ]]; then
      printf -v value '%b' "$value"
    fi
    export "${line%%=*}=$value"
  done
}
