# shellcheck shell=bash
# Reads what Python last understood of .env and roles.toml, with builtins: nothing is sourced or run.

# _rolecall_is_true says whether that is still so. A file that is not whole, or holds a name that Python never writes,
# is none.
_rolecall_watch=("$_rolecall_root/.env" "$_rolecall_root/envrc.d/roles.toml" "$_rolecall_dir/project.snapshot")
_rolecall_inputs='' _rolecall_default='' _rolecall_identity='' _rolecall_delivery=keys
_rolecall_env=() _rolecall_refused=() _rolecall_lines=()
_rolecall_number=0 _rolecall_is_true=1 _rolecall_is_known='' _rolecall_has_locale='' _rolecall_is_whole=1 _rolecall_ends=0
# The read ends with success at a NUL, or where there is more than any snapshot has.
if _rolecall_is_ours "$_rolecall_dir/project.snapshot" &&
  ! IFS= read -r -d '' -n 8000000 _rolecall_text <"$_rolecall_dir/project.snapshot" &&
  [[ $_rolecall_text == *$'\n@end\n' && $_rolecall_text != *$'\n\n'* ]]; then
  _rolecall_ifs=${IFS-$' \t\n'} IFS=$'\n'
  # Splitting is the point, and nothing else: no * becomes a file's name.
  # shellcheck disable=SC2206
  case $- in
  *f*) _rolecall_lines=($_rolecall_text) ;;
  *)
    set -f
    _rolecall_lines=($_rolecall_text)
    set +f
    ;;
  esac
  IFS=$_rolecall_ifs
fi
for _rolecall_line in ${_rolecall_lines[@]+"${_rolecall_lines[@]}"}; do
  case $_rolecall_line in
  @format=2) _rolecall_is_known=1 ;;
  @inputs=*) _rolecall_inputs=${_rolecall_line#*=} ;;
  @default=*) _rolecall_default=${_rolecall_line#*=} ;;
  @identity=*) _rolecall_identity=${_rolecall_line#*=} ;;
  @delivery=*) _rolecall_delivery=${_rolecall_line#*=} ;;
  @news=*) _rolecall_is_true='' ;; # Python has something to say about roles.toml
  @refused=*) _rolecall_refused+=("${_rolecall_line#*=}") ;;
  @input=*)
    _rolecall_is_unchanged "$_rolecall_root/${_rolecall_line#*=}" "$_rolecall_dir/stamps/$_rolecall_number" || _rolecall_is_true=''
    if ((_rolecall_number > 1)); then # the first two are watched in any case
      _rolecall_watch+=("$_rolecall_root/${_rolecall_line#*=}")
    fi
    _rolecall_number=$((_rolecall_number + 1))
    ;;
  _rolecall* | direnv=* | DIRENV_* | BASH* | LD_* | DYLD_* | IFS=* | PATH=* | PS[0-4]=* | PROMPT_COMMAND=*) _rolecall_is_whole='' ;;
  LC_ALL=*) _rolecall_env+=("$_rolecall_line") _rolecall_has_locale=1 ;;
  [A-Za-z_]*=*)
    [[ ${_rolecall_line%%=*} != *[!A-Za-z0-9_]* ]] || _rolecall_is_whole=''
    _rolecall_env+=("$_rolecall_line")
    ;;
  @end) _rolecall_ends=$((_rolecall_ends + 1)) ;;
  *) _rolecall_is_whole='' ;;
  esac
done
if [[ -z $_rolecall_is_known || -z $_rolecall_is_whole || -z $_rolecall_inputs || $_rolecall_ends -ne 1 || ${#_rolecall_lines[@]} -gt 20000 ]]; then
  _rolecall_inputs='' _rolecall_default='' _rolecall_identity='' _rolecall_env=() _rolecall_refused=() _rolecall_is_true=''
fi
