# shellcheck shell=bash
# Last, on every path: one `watch_file` with all files, then nothing of ours is left behind.

watch_file "${_rolecall_watch[@]}"
unset -f _rolecall_say _rolecall_read_clock _rolecall_file_name _rolecall_find_dir _rolecall_human _rolecall_mark_environ \
  _rolecall_read_project _rolecall_is_unchanged _rolecall_export_project \
  _rolecall_find_terminal _rolecall_find_terminal_by_ps _rolecall_choose \
  _rolecall_is_trusted _rolecall_present_manifest \
  _rolecall_read_session _rolecall_load _rolecall_is_failing _rolecall_has_python \
  _rolecall_claim _rolecall_is_alive _rolecall_cold _rolecall_assume _rolecall_renew \
  _rolecall_export_session
unset -v _rolecall_root _rolecall_key _rolecall_manifest _rolecall_now _rolecall_watch _rolecall_dir \
  _rolecall_name _rolecall_left _rolecall_inputs _rolecall_default _rolecall_env _rolecall_terminal \
  _rolecall_role _rolecall_chosen _rolecall_session _rolecall_expires _rolecall_renew_at \
  _rolecall_account _rolecall_state _rolecall_failure _rolecall_claim _rolecall_mark
