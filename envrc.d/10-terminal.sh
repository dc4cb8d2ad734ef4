# shellcheck shell=bash
# Tells this terminal from another, by its session leader.

# _rolecall_terminal is the leader's pid and start, or nothing where there is no terminal, as
# rolecall.system.person.terminal.leader says it. proc(5): the fields after the name are state, ppid, pgrp, session,
# tty_nr … and, as the 20th of them, starttime.
_rolecall_terminal=''
if [[ ! -r /proc/self/stat ]]; then
  _rolecall_read_cold terminal && _rolecall_find_terminal_by_ps
elif { IFS= read -r _rolecall_text <"/proc/$$/stat"; } 2>/dev/null; then
  while [[ $_rolecall_text == *') '* ]]; do # the name ends at the last one; ## takes twice as long
    _rolecall_text=${_rolecall_text#*) }
  done
  _rolecall_text=${_rolecall_text#* * * } # all 49 fields would take longer
  _rolecall_terminal=${_rolecall_text%% *} _rolecall_text=${_rolecall_text#* }
  [[ $_rolecall_text != '0 '* ]] || _rolecall_terminal=''
fi
if [[ -n $_rolecall_terminal && $_rolecall_terminal != *-* ]]; then
  { IFS= read -r _rolecall_text <"/proc/$_rolecall_terminal/stat"; } 2>/dev/null || _rolecall_text=''
  while [[ $_rolecall_text == *') '* ]]; do
    _rolecall_text=${_rolecall_text#*) }
  done
  # shellcheck disable=SC2206 # splitting is the point: the rest of the line is numbers
  _rolecall_lines=($_rolecall_text)
  [[ -n $_rolecall_text ]] && _rolecall_terminal+=-${_rolecall_lines[19]} || _rolecall_terminal=''
fi
