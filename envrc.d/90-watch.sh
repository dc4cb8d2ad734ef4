# shellcheck shell=bash
# Lets direnv watch all files at once, and leaves nothing of its own behind. It is last, on every path.
#
# What runs once on each `cd` stands here, and in 80 and 85, outside of functions: bash copies a function when it
# is defined and each time it is called.

if [[ -n ${_rolecall_own[*]-} ]]; then
  if _rolecall_read_cold keys; then
    _rolecall_hold_keys
  else
    unset AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN
  fi
fi

# `direnv watch` is a process. Where direnv, asked the same for the same unchanged files, has answered before,
# that answer is taken from the private folder; a DIRENV_WATCHES of our own making never is. A file is
# unchanged while it exists as it did and is older than the answer; every doubt asks direnv. A file put back
# from a backup and a link that points elsewhere look older too: direnv loads for them, and is asked then.
_rolecall_kept=$_rolecall_dir/watches/${_rolecall_terminal:-none} _rolecall_asked=${DIRENV_WATCHES:-}
[[ -z ${_rolecall_wanted:-} ]] || _rolecall_kept+=+${_rolecall_wanted//[!A-Za-z0-9_.-]/_}
# shellcheck disable=SC2154 # set by `use rolecall`, and in a rendered .envrc by nobody
_rolecall_watch+=(${_rolecall_copies[@]+"${_rolecall_copies[@]}"})
_rolecall_there='' _rolecall_answer='' _rolecall_is_same=1
[[ $_rolecall_read == once ]] && _rolecall_is_ours "$_rolecall_kept" || _rolecall_is_same=''
for _rolecall_file in "${_rolecall_watch[@]}"; do
  if [[ ! -e $_rolecall_file ]]; then
    _rolecall_there+=-
  else
    _rolecall_there+=+
    [[ $_rolecall_kept -nt $_rolecall_file ]] || _rolecall_is_same=''
  fi
done
_rolecall_seen="$_rolecall_there ${_rolecall_watch[*]}"
if [[ -n $_rolecall_is_same ]]; then
  ! IFS= read -r -d '' -n 300000 _rolecall_text <"$_rolecall_kept" || _rolecall_text='' # a NUL, or too much
  if [[ $_rolecall_text == "$_rolecall_seen"$'\n'"$_rolecall_asked"$'\n'*$'\n' ]]; then
    _rolecall_answer=${_rolecall_text:${#_rolecall_seen}+${#_rolecall_asked}+2}
    _rolecall_answer=${_rolecall_answer%$'\n'}
    [[ $_rolecall_answer != *[!A-Za-z0-9_=-]* ]] || _rolecall_answer=''
  fi
  # Where the shell that direnv works for holds the answer already, it is no longer true: so direnv loads. direnv's
  # own environment is the shell's. Without /proc nobody knows, nor where a bash before 5 (without EPOCHSECONDS)
  # ends a line at a NUL, which this one skips.
  if [[ -n $_rolecall_answer ]]; then
    if [[ -n ${EPOCHSECONDS:-} && -r /proc/$PPID/environ ]]; then
      while IFS= read -r _rolecall_text || [[ -n $_rolecall_text ]]; do
        [[ $_rolecall_text != *"DIRENV_WATCHES=$_rolecall_answer"* ]] || _rolecall_answer=''
      done <"/proc/$PPID/environ"
    else
      _rolecall_answer=''
    fi
  fi
fi
if [[ -n $_rolecall_answer ]]; then
  export DIRENV_WATCHES=$_rolecall_answer
else
  watch_file "${_rolecall_watch[@]}"
  if [[ -n $_rolecall_asked && -d ${_rolecall_kept%/*} && -O ${_rolecall_kept%/*} ]]; then
    (umask 077 && printf '%s\n' "$_rolecall_seen" "$_rolecall_asked" "${DIRENV_WATCHES:-}" >|"$_rolecall_kept") 2>/dev/null || true
  fi
fi
if [[ -n $_rolecall_locale ]]; then
  LC_ALL=${_rolecall_locale#=}
else
  unset -v LC_ALL
fi
[[ -z $_rolecall_known ]] || _rolecall_read_cold functions
unset -f _rolecall_read_cold _rolecall_say _rolecall_is_ours _rolecall_human \
  _rolecall_is_unchanged _rolecall_is_clean
unset -v "${!_rolecall_@}"
