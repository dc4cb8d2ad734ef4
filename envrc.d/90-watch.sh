# shellcheck shell=bash
# Lets direnv watch all files at once, and leaves nothing of its own behind. It is last, on every path.

# Usage: _rolecall_holds ANSWER
# Whether the shell that direnv works for holds ANSWER already: then direnv loads because it is no longer true.
# direnv's own environment is the shell's. Without /proc nobody knows, nor where a bash before 5 (without
# EPOCHSECONDS) ends a line at a NUL, which this one skips.
_rolecall_holds() {
  local line
  [[ -n ${EPOCHSECONDS:-} && -r /proc/$PPID/environ ]] || return 0
  while IFS= read -r line || [[ -n $line ]]; do
    [[ $line != *"DIRENV_WATCHES=$1"* ]] || return 0
  done <"/proc/$PPID/environ"
  return 1
}

# Usage: _rolecall_watch_all
# `direnv watch` is a process. Where direnv, asked the same for the same unchanged files, has answered before,
# that answer is taken from the private folder; a DIRENV_WATCHES of our own making never is. A file is
# unchanged while it exists as it did and is older than the answer; every doubt asks direnv. A file put back
# from a backup and a link that points elsewhere look older too: direnv loads for them, and is asked then.
_rolecall_watch_all() {
  local kept=$_rolecall_dir/watches/${_rolecall_terminal:-none} asked=${DIRENV_WATCHES:-}
  [[ -z ${_rolecall_wanted:-} ]] || kept+=+${_rolecall_wanted//[!A-Za-z0-9_.-]/_}
  # shellcheck disable=SC2154 # set by `use rolecall`, and in a rendered .envrc by nobody
  _rolecall_watch+=(${_rolecall_copies[@]+"${_rolecall_copies[@]}"})
  local file files='' is_unchanged=1 old_files='' old_asked='' answer='' more=''
  [[ $_rolecall_read == once ]] && _rolecall_is_ours "$kept" || is_unchanged=''
  for file in "${_rolecall_watch[@]}"; do
    if [[ ! -e $file ]]; then
      files+="- $file "
    else
      files+="+ $file "
      [[ $kept -nt $file ]] || is_unchanged=''
    fi
  done
  if [[ -n $is_unchanged ]]; then
    { IFS= read -r old_files && IFS= read -r old_asked && IFS= read -r answer && ! IFS= read -r more; } <"$kept" || answer=''
    if [[ $old_files == "$files" && $old_asked == "$asked" && -n $answer && $answer != *[!A-Za-z0-9_=-]* && -z $more ]] &&
      ! _rolecall_holds "$answer"; then
      export DIRENV_WATCHES=$answer
      return 0
    fi
  fi
  watch_file "${_rolecall_watch[@]}"
  if [[ -n $asked && -d ${kept%/*} && -O ${kept%/*} ]]; then
    (umask 077 && printf '%s\n' "$files" "$asked" "${DIRENV_WATCHES:-}" >|"$kept") 2>/dev/null || true
  fi
}

# Usage: _rolecall_hold_keys
# A fragment of the project after the session may have loaded other keys (`dotenv`), or another profile: the
# role's own are put back.
_rolecall_hold_keys() {
  local line
  unset AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN
  if [[ -n $_rolecall_profile ]]; then
    export AWS_PROFILE=$_rolecall_profile
  fi
  [[ $_rolecall_state != none ]] || return 0
  for line in "${_rolecall_session[@]}"; do
    case $line in
    AWS_ACCESS_KEY_ID=* | AWS_SECRET_ACCESS_KEY=* | AWS_SESSION_TOKEN=*) export "${line?}" ;;
    esac
  done
}

[[ -z ${_rolecall_own[*]-} ]] || _rolecall_hold_keys
_rolecall_watch_all
unset -f _rolecall_is_ours _rolecall_is_epoch _rolecall_find_path _rolecall_enter _rolecall_parse_session _rolecall_find_venv \
  _rolecall_is_trusted_venv _rolecall_is_clean _rolecall_is_clean_place _rolecall_find_index _rolecall_ask_git _rolecall_read_cold
unset -v _rolecall_path _rolecall_top _rolecall_refused _rolecall_venv _rolecall_index _rolecall_interpreter \
  _rolecall_says _rolecall_number _rolecall_session_names _rolecall_plain
unset -f _rolecall_hold_keys _rolecall_read_profiles _rolecall_find_profile _rolecall_say _rolecall_read_clock _rolecall_file_name _rolecall_find_dir _rolecall_human _rolecall_mark_environ _rolecall_number_key \
  _rolecall_read_project _rolecall_is_unchanged _rolecall_has_same_time _rolecall_export_project _rolecall_find_picky _rolecall_find_reader _rolecall_is_refused \
  _rolecall_find_terminal _rolecall_find_terminal_by_ps _rolecall_choose \
  _rolecall_is_trusted _rolecall_list _rolecall_watch_all _rolecall_holds \
  _rolecall_read_session _rolecall_read_file _rolecall_is_locked _rolecall_find_state _rolecall_load _rolecall_is_failing _rolecall_has_python _rolecall_call \
  _rolecall_claim _rolecall_has_time _rolecall_is_alive _rolecall_cold _rolecall_assume _rolecall_renew \
  _rolecall_export_session _rolecall_export_region _rolecall_name_role _rolecall_tell_changes _rolecall_has_text
unset -v _rolecall_root _rolecall_key _rolecall_manifest _rolecall_now _rolecall_watch _rolecall_dir \
  _rolecall_name _rolecall_left _rolecall_inputs _rolecall_default _rolecall_env _rolecall_terminal \
  _rolecall_role _rolecall_session _rolecall_expires _rolecall_renew_at \
  _rolecall_account _rolecall_state _rolecall_failure _rolecall_claim _rolecall_mark \
  _rolecall_command _rolecall_review _rolecall_python _rolecall_package _rolecall_site _rolecall_bytecode _rolecall_programs _rolecall_files _rolecall_read _rolecall_fish_name \
  _rolecall_wanted _rolecall_copies \
  _rolecall_protected _rolecall_rights _rolecall_state_dir _rolecall_late _rolecall_identity _rolecall_region _rolecall_here \
  _rolecall_rendered _rolecall_own _rolecall_release _rolecall_delivery _rolecall_profile _rolecall_profiles \
  _rolecall_unread
