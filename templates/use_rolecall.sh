# shellcheck shell=bash
# Written by `rolecall setup`; the teardown of the last project that uses it removes it.
# direnv reads this file before every .envrc of yours: it only defines functions.

# Usage: use rolecall [ROLE]
# Loads this terminal's role of the project that the .envrc belongs to; ROLE is the default role of that folder.
# What runs is your own copy of rolecall's fragments. Nothing of the project's folder runs, so a pull cannot
# change it; and the copies are watched, so that an upgrade is noticed. The names here are ours, and that of
# direnv's `use` goes: .env may have a `file` and a `cmd`, which a local of that name would swallow.
use_rolecall() {
  local _rolecall_data=${XDG_DATA_HOME:-} _rolecall_copy='' _rolecall_file _rolecall_is_last=1
  [[ ${FUNCNAME[1]:-} != use ]] || unset -v cmd
  [[ $_rolecall_data == /* ]] || _rolecall_data=${HOME:-}/.local/share
  if [[ -n ${_use_rolecall_after+1} ]]; then
    _use_rolecall_read && _rolecall_take_back
  fi
  _rolecall_wanted=${1:-}
  _rolecall_find_root .
  if ! _rolecall_look_around; then
    unset -v _rolecall_root _rolecall_wanted
    return 0
  fi
  _rolecall_find_key
  _rolecall_copies=("$_rolecall_data/rolecall/projects/$_rolecall_key/session.sh" "$_rolecall_data/rolecall/session.sh")
  if [[ -z $_rolecall_is_last ]]; then
    _use_rolecall_read && _rolecall_note && _use_rolecall_before=("${_use_rolecall_after[@]}")
  fi
  for _rolecall_file in "${_rolecall_copies[@]}"; do
    if [[ -z $_rolecall_copy && -f $_rolecall_file && -O $_rolecall_file ]]; then
      _rolecall_copy=$_rolecall_file
    fi
  done
  if [[ -n $_rolecall_copy ]]; then
    # shellcheck disable=SC1090 # a copy of the fragments, which are checked where they are kept
    . "$_rolecall_copy"
  else
    _use_rolecall_read && _rolecall_have_none
  fi
  [[ -z ${_use_rolecall_before+1} ]] || _rolecall_note
}

# Usage: _rolecall_find_root FOLDER
# Sets _rolecall_root, without symbolic links: the nearest folder with envrc.d/roles.toml, from FOLDER, that of the
# .envrc, on; without one, FOLDER. As git does, it leaves out what another user has put above.
_rolecall_find_root() {
  local here=$PWD before=${OLDPWD:-} above
  builtin cd -P "$1" >/dev/null || true
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
  local LC_ALL=C
  if [[ $_rolecall_root == *[!A-Za-z0-9._/-]* || ${#_rolecall_root} -gt 120 ]]; then
    _use_rolecall_read && _rolecall_encode_key
  else
    _rolecall_key=${_rolecall_root//\//+}
  fi
}

# Usage: _rolecall_look_around
# Fails where this call is to do nothing: an .envrc above was read by source_up, and the one below has a line of its
# own for the same project. Then that line alone asks for a role, and says so. It counts only where nothing can
# keep it from running: as a line of its own, not indented.
# Else it says where a line below this one loads keys: those of a `dotenv` above are taken back, these cannot be. Both
# for each .envrc that is being read (source_up: two). direnv keeps the folder of each on bash's stack of folders,
# every second one.
_rolecall_look_around() {
  local at frame=0 number line root=$_rolecall_root folder found loading=()
  local own='^(if has use_rolecall; then |has use_rolecall && |! has use_rolecall \|\| )?use[ _]rolecall( [^ ;|&#]+)?(; fi)?[[:space:]]*(#.*)?$'
  for ((at = 1; at < ${#BASH_SOURCE[@]}; at++)); do
    folder=${DIRSTACK[frame]:-}
    if [[ ${BASH_SOURCE[at]} != ./.envrc || ! -f $folder/.envrc ]]; then
      continue
    fi
    number=0
    ((frame == 0)) || _rolecall_is_last=''
    while IFS= read -r line || [[ -n $line ]]; do
      number=$((number + 1))
      if ((number <= BASH_LINENO[at - 1])) || [[ -z $line || $line == '#'* ]]; then
        continue
      fi
      _rolecall_is_last='' # what the role changes is noted: another `use rolecall` may come
      if [[ $line == *rolecall* && $frame -gt 0 && $line =~ $own ]]; then
        _rolecall_find_root "$folder"
        found=$_rolecall_root _rolecall_root=$root
        [[ $found != "$root" ]] || return 1
      elif [[ $line == *env* ]]; then
        loading+=("$number" "$line" "$folder")
      fi
    done <"$folder/.envrc"
    frame=$((frame + 2))
  done
  for ((at = 0; at < ${#loading[@]}; at += 3)); do
    _use_rolecall_read && _rolecall_find_keys "${loading[@]:at:3}"
  done
}

# Usage: _use_rolecall_read
# Defines what is seldom needed. It stands here as text: direnv reads this file for every .envrc of yours, and bash
# takes five times as long to read it as functions.
_use_rolecall_read() {
  local text=''
  IFS= read -r -d '' text <<'ROLECALL' || true
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
# Sets _rolecall_key, with LC_ALL=C.
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

# Usage: _rolecall_have_none
# Says how this machine gets a copy. Keys that a `dotenv` above has loaded do not stay in the shell even so.
_rolecall_have_none() {
  local command='rolecall setup'
  [[ ! -f $_rolecall_root/src/rolecall/__main__.py ]] || command='python3 tasks.py setup' # its own repository
  printf 'rolecall: this project is not set up on this machine (try: %s)\n' "$command" >&2
  unset -v AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN
  watch_file "${_rolecall_copies[@]}"
  unset -v _rolecall_root _rolecall_key _rolecall_wanted _rolecall_copies
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
ROLECALL
  eval "$text"
}
