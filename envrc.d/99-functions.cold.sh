# shellcheck shell=bash
# Leaves no function of the parts that were read behind.

unset -f _rolecall_leave_out _rolecall_has_same_time _rolecall_find_picky _rolecall_is_refused \
  _rolecall_find_terminal_by_ps _rolecall_encode_name _rolecall_name_role _rolecall_is_trusted _rolecall_list \
  _rolecall_ask_git _rolecall_mark_environ _rolecall_number_key _rolecall_is_epoch _rolecall_is_failing \
  _rolecall_get _rolecall_has_python _rolecall_call _rolecall_has_time _rolecall_read_clock _rolecall_claim \
  _rolecall_is_alive _rolecall_cold _rolecall_assume _rolecall_renew _rolecall_read_profiles _rolecall_find_profile \
  _rolecall_tell_venv _rolecall_tell_changes _rolecall_has_text _rolecall_hold_keys _rolecall_load
