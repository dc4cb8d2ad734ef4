# shellcheck shell=bash
# Says what has changed of all that this file was rendered from.

# Usage: _rolecall_tell_changes
# Reads what is newer: a branch that came and went leaves the old text behind. Builtins alone. A template is no
# part of this file's text, so there its time has to do.
_rolecall_tell_changes() {
  local file whole='' what='' name is_copy=${_rolecall_copies+1} runs='the .envrc of before runs'
  for name in ${_rolecall_own[@]+"${_rolecall_own[@]}"}; do
    [[ -e $_rolecall_root/envrc.d/$name ]] || what="envrc.d/$name is gone"
  done
  for file in "$_rolecall_root"/envrc.d/*.sh "$_rolecall_root"/templates/{envrc,fragments}.j2; do
    [[ -z $is_copy && -f $file ]] || continue
    name=${file#"$_rolecall_root"/}
    if [[ $name == templates/* ]]; then
      [[ $file -nt $_rolecall_rendered ]] || continue
    elif [[ ! $file -nt $_rolecall_rendered && " ${_rolecall_own[*]-} " == *" ${name##*/} "* ]]; then
      continue
    elif _rolecall_has_text "$file"; then
      continue
    fi
    what="$name is not as you approved it"
  done
  if [[ -z $what && -n $_rolecall_release && ! -d $_rolecall_release ]]; then
    for file in "$_rolecall_package"/packaged/envrc.d/*.sh; do
      [[ -z $is_copy && -e $_rolecall_root/envrc.d/${file##*/} ]] || _rolecall_has_text "$file" || what='rolecall has another version'
    done
  fi
  [[ -z $is_copy ]] || runs='your copy of before runs'
  [[ -z $what ]] || _rolecall_say "$what; $runs (try: $_rolecall_review)"
}

# Usage: _rolecall_has_text FRAGMENT
# Whether this very file holds the fragment as it is now, but for the comments; that of `use rolecall` has what it
# seldom needs in a file beside it.
_rolecall_has_text() {
  local line code=''
  [[ -f $1 && -r $1 ]] || return 1
  if [[ -z $whole ]]; then
    IFS= read -r -d '' whole <"$_rolecall_rendered" || true
    [[ -z $is_copy ]] || IFS= read -r -d '' line <"${_rolecall_rendered%.sh}.cold.sh" || true
    whole+=${line:-}
  fi
  while IFS= read -r line; do
    [[ ${line#"${line%%[![:blank:]]*}"} == '#'* && $line != *'# shellcheck '* ]] || code+=$line$'\n'
  done <"$1"
  [[ $whole == *"# --- envrc.d/${1##*/}"$'\n'"$code"* ]]
}
