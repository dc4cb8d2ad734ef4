# shellcheck shell=bash
# Written by `rolecall setup`; the teardown of the last project that uses it removes it.
# direnv reads this file before every .envrc of yours: it only defines functions.

# Usage: use rolecall [ROLE]
# Loads this terminal's role of the project that the .envrc belongs to; ROLE is the default role of that folder.
# What runs is your own copy of rolecall's fragments. Nothing of the project's folder runs, so a pull cannot
# change it; and the copies are watched, so that an upgrade is noticed. The names here are ours, and that of
# direnv's `use` goes: .env may have a `file` and a `cmd`, which a local of that name would swallow.
use_rolecall() {
  local _rolecall_data=${XDG_DATA_HOME:-} _rolecall_copy='' _rolecall_file
  [[ ${FUNCNAME[1]:-} != use ]] || unset -v cmd
  [[ $_rolecall_data == /* ]] || _rolecall_data=${HOME:-}/.local/share
  _rolecall_take_back
  _rolecall_wanted=${1:-}
  _rolecall_find_root
  _rolecall_find_key
  _rolecall_copies=("$_rolecall_data/rolecall/projects/$_rolecall_key/session.sh" "$_rolecall_data/rolecall/session.sh")
  _rolecall_note _rolecall_before
  _rolecall_warn_of_dotenv
  for _rolecall_file in "${_rolecall_copies[@]}"; do
    if [[ -z $_rolecall_copy && -f $_rolecall_file && -O $_rolecall_file ]]; then
      _rolecall_copy=$_rolecall_file
    fi
  done
  if [[ -n $_rolecall_copy ]]; then
    # shellcheck disable=SC1090 # a copy of the fragments, which are checked where they are kept
    . "$_rolecall_copy"
  else
    _rolecall_have_none
  fi
  _rolecall_note _rolecall_after
}

# Usage: _rolecall_find_root
# Sets _rolecall_root, without symbolic links: the nearest folder with envrc.d/roles.toml, from that of the
# .envrc on; without one, that of the .envrc. As git does, it leaves out what another user has put above.
_rolecall_find_root() {
  local here=$PWD before=${OLDPWD:-} above
  builtin cd -P . >/dev/null || true
  _rolecall_root=$PWD above=$PWD
  builtin cd "$here" >/dev/null || true
  OLDPWD=$before
  [[ ! -f $above/envrc.d/roles.toml ]] || return 0
  while [[ -n $above ]]; do
    above=${above%/*}
    if [[ -f $above/envrc.d/roles.toml && -O $above/envrc.d/roles.toml ]]; then
      _rolecall_root=${above:-/}
      return 0
    fi
  done
}

# Usage: _rolecall_find_key
# Sets _rolecall_key: the root as a file name, as rolecall.system.disk.paths.project_key does.
_rolecall_find_key() {
  local LC_ALL=C rest=$_rolecall_root name='' character code
  if [[ $rest == *[!A-Za-z0-9._/-]* ]]; then
    while [[ -n $rest ]]; do
      character=${rest:0:1} rest=${rest:1}
      if [[ $character != [A-Za-z0-9._/-] ]]; then
        printf -v code '%d' "'$character"
        printf -v character '=%02X' "$((code & 255))"
      fi
      name+=$character
    done
    rest=$name
  fi
  rest=${rest//\//+} _rolecall_key=''
  while ((${#rest} > 120)); do
    _rolecall_key+=${rest:0:120}~/ rest=${rest:120}
  done
  _rolecall_key+=$rest
}

# Usage: _rolecall_note ARRAY
# Sets ARRAY to what rolecall may change, as it is now: NAME=value, or NAME alone where it is not set.
_rolecall_note() {
  local name values=()
  for name in AWS_PROFILE AWS_DEFAULT_PROFILE AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN \
    AWS_CREDENTIAL_EXPIRATION AWS_ACCOUNT_ID AWS_REGION AWS_DEFAULT_REGION ROLECALL_ROLE ROLECALL_RENEW_AT \
    ROLECALL_PROFILE AWSUME_PROFILE ROLECALL_DEFAULT_ROLE ROLECALL_PROJECT PATH; do
    values+=("$name${!name+=}${!name-}")
  done
  if [[ $1 == _rolecall_before ]]; then
    _rolecall_before=("${values[@]}")
  else
    _rolecall_after=("${values[@]}")
  fi
}

# Usage: _rolecall_take_back
# Where a `use rolecall` came before (an .envrc above, by source_up), its role must neither decide who assumes
# this one nor stay beside it: what it set and nobody has changed since is as it was before.
_rolecall_take_back() {
  local at name
  for ((at = 0; at < ${#_rolecall_after[@]}; at++)); do
    name=${_rolecall_after[at]%%=*}
    if [[ $name${!name+=}${!name-} != "${_rolecall_after[at]}" ]]; then
      continue
    elif [[ ${_rolecall_before[at]} == "$name" ]]; then
      unset -v "$name"
    else
      export "${_rolecall_before[at]?}"
    fi
  done
}

# Usage: _rolecall_have_none
# Says how this machine gets a copy. Keys that a `dotenv` above has loaded do not stay in the shell even so.
_rolecall_have_none() {
  local command='rolecall setup'
  [[ ! -f $_rolecall_root/tasks.py ]] || command='python3 tasks.py setup'
  printf 'rolecall: this project is not set up on this machine (try: %s)\n' "$command" >&2
  unset -v AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN
  watch_file "${_rolecall_copies[@]}"
  unset -v _rolecall_root _rolecall_key _rolecall_wanted _rolecall_copies
}

# Usage: _rolecall_warn_of_dotenv
# Keys that a `dotenv` above this line has loaded are taken back: the role's take their place. What a line below
# it will load cannot be, so that is said, for each .envrc that is being read (source_up: two). direnv keeps the
# folder of each on bash's stack of folders, every second one.
_rolecall_warn_of_dotenv() {
  local at frame=0 number line
  for ((at = 1; at < ${#BASH_SOURCE[@]}; at++)); do
    if [[ ${BASH_SOURCE[at]} != ./.envrc || ! -f ${DIRSTACK[frame]:-}/.envrc ]]; then
      continue
    fi
    number=0
    while IFS= read -r line || [[ -n $line ]]; do
      number=$((number + 1))
      if ((number > BASH_LINENO[at - 1])) && [[ $line == *env* ]]; then
        _rolecall_find_keys "$number" "$line" "${DIRSTACK[frame]}"
      fi
    done <"${DIRSTACK[frame]}/.envrc"
    frame=$((frame + 2))
  done
}

# Usage: _rolecall_find_keys NUMBER LINE FOLDER
# Looks for a word that loads a file of FOLDER, and in that file for a key.
_rolecall_find_keys() {
  local words word loader='' file
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

_rolecall_before=() _rolecall_after=()
