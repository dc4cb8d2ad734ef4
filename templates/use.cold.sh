# shellcheck shell=bash
# What use.sh, beside this file, seldom needs.

# Usage: _rolecall_take_back
# Where a `use rolecall` came before (an .envrc above, by source_up), its role must neither decide who assumes
# this one nor stay beside it: what it set and nobody has changed since is as it was before.
_rolecall_take_back() {
  local at name
  for ((at = 0; at < ${#_use_rolecall_after[@]}; at++)); do
    name=${_use_rolecall_after[at]%%=*}
    if [[ $name${!name+=}${!name-} != "${_use_rolecall_after[at]}" ]]; then
      continue
    elif [[ ${_use_rolecall_before[at]} == "$name" ]]; then
      unset -v "$name"
    else
      export "${_use_rolecall_before[at]?}"
    fi
  done
}

# Usage: _rolecall_note
# Sets _use_rolecall_after to what rolecall may change, as it is now: NAME=value, or NAME alone where it is not set.
_rolecall_note() {
  local name
  _use_rolecall_after=()
  for name in AWS_PROFILE AWS_DEFAULT_PROFILE AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN \
    AWS_CREDENTIAL_EXPIRATION AWS_ACCOUNT_ID AWS_REGION AWS_DEFAULT_REGION ROLECALL_ROLE ROLECALL_RENEW_AT \
    ROLECALL_PROFILE AWSUME_PROFILE ROLECALL_DEFAULT_ROLE ROLECALL_PROJECT PATH; do
    _use_rolecall_after+=("$name${!name+=}${!name-}")
  done
}

# Usage: _rolecall_encode_key
# Sets _rolecall_key.
_rolecall_encode_key() {
  local rest=$_rolecall_root name='' character code
  while [[ -n $rest ]]; do
    character=${rest:0:1} rest=${rest:1}
    if [[ $character != [A-Za-z0-9._/-] ]]; then
      printf -v code '%d' "'$character"
      printf -v character '=%02X' "$((code & 255))"
    fi
    name+=$character
  done
  rest=${name//\//+} _rolecall_key=''
  while ((${#rest} > 120)); do
    _rolecall_key+=${rest:0:120}~/ rest=${rest:120}
  done
  _rolecall_key+=$rest
}

# Usage: _rolecall_is_same LINE FOLDER
# Whether LINE of the .envrc in FOLDER is `use rolecall` and nothing else, as setup writes it or a person, and for the
# same project.
_rolecall_is_same() {
  local own='^(if has use_rolecall; then |has use_rolecall && |! has use_rolecall \|\| )?use[ _]rolecall( [^ ;|&#]+)?(; fi)?[[:space:]]*(#.*)?$'
  local folder at before=${OLDPWD:-}
  [[ $1 =~ $own ]] || return 1
  builtin cd -P "$2" >/dev/null && folder=$PWD && builtin cd "$_rolecall_here" >/dev/null || return 1
  OLDPWD=$before at=$folder
  while [[ $at == "${_rolecall_root%/}"/* && ! (-f $at/envrc.d/roles.toml && ($at == "$folder" || -O $at/envrc.d/roles.toml)) ]]; do
    at=${at%/*}
  done
  [[ ${at:-/} == "$_rolecall_root" && (-f $at/envrc.d/roles.toml || $at == "$folder") ]]
}

# Usage: _rolecall_have_none
# Says how this machine gets a copy. Keys that a `dotenv` above has loaded do not stay in the shell even so.
_rolecall_have_none() {
  local command='rolecall setup'
  [[ ! -f $_rolecall_root/src/rolecall/__main__.py ]] || command='python3 tasks.py setup' # its own repository
  printf 'rolecall: this project is not set up on this machine (try: %s)\n' "$command" >&2
  unset -v AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN
  watch_file "${_rolecall_copies[@]}"
}

# Usage: _rolecall_find_keys NUMBER LINE FOLDER
# Looks for a word that loads a file of FOLDER, and in that file for a key.
_rolecall_find_keys() {
  local words word loader='' file LC_ALL=${_rolecall_locale#=} # so that the name of a folder is shown as it is
  read -r -a words <<<"${2//;/ ; }"
  for word in ${words[@]+"${words[@]}"} ';'; do
    [[ $word != '#'* ]] || word=';'
    word=${word//[\"\']/} file=''
    case $loader in
    dotenv | dotenv_if_exists)
      file=$word
      [[ $word != [\;\&\|]* ]] || file=.env
      ;;
    source | source_env | source_env_if_exists | .) [[ $word != *.env* || $word == *.envrc ]] || file=$word ;;
    esac
    [[ -z $file || $file == /* ]] || file=$3/$file
    [[ ! -d $file ]] || file=$file/.env
    if [[ -f $file ]] && _rolecall_has_key "$file"; then
      printf 'rolecall: %s:%s puts the keys of %s into this shell; it belongs above "use rolecall"' "$3/.envrc" "$1" "$file" >&2
      # shellcheck disable=SC2016 # the person's own shell reads it
      printf ' (try: ${EDITOR:-vi} +%s %q)\n' "$1" "$3/.envrc" >&2
    fi
    loader=$word
    [[ $word != ';' ]] || loader=''
  done
}

# Usage: _rolecall_has_key FILE
_rolecall_has_key() {
  local line key='^[[:space:]]*(export[[:space:]]+)?AWS_(ACCESS_KEY_ID|SECRET_ACCESS_KEY)[[:space:]]*[=:][[:space:]]*[^[:space:]]'
  while IFS= read -r line || [[ -n $line ]]; do
    [[ ! $line =~ $key ]] || return 0
  done <"$1"
  return 1
}
