# shellcheck shell=bash
# Chooses the role: ROLECALL_ROLE set by the person, else this terminal's choice, else the default.

# Usage: _rolecall_find_terminal
# Sets _rolecall_terminal: the session leader's pid and start, or nothing where there is no terminal.
# As rolecall.system.person.terminal.leader does; proc(5): the fields after the name are state, ppid, pgrp,
# session, tty_nr … and, as the 20th of them, starttime.
_rolecall_find_terminal() {
  local line fields
  _rolecall_terminal=''
  if [[ ! -r /proc/self/stat ]]; then
    _rolecall_read_cold terminal && _rolecall_find_terminal_by_ps
    return 0
  fi
  { IFS= read -r line <"/proc/$$/stat"; } 2>/dev/null || return 0
  while [[ $line == *') '* ]]; do # the name ends at the last one; ## takes twice as long
    line=${line#*) }
  done
  # shellcheck disable=SC2206 # splitting is the point: the rest of the line is numbers
  fields=($line)
  [[ ${fields[4]} != 0 ]] || return 0
  _rolecall_terminal=${fields[3]}
  { IFS= read -r line <"/proc/$_rolecall_terminal/stat"; } 2>/dev/null || line=''
  while [[ $line == *') '* ]]; do
    line=${line#*) }
  done
  # shellcheck disable=SC2206 # as above
  fields=($line)
  if [[ -n $line ]]; then
    _rolecall_terminal+=-${fields[19]}
  else
    _rolecall_terminal=''
  fi
}

# Usage: _rolecall_choose
# Sets _rolecall_role, and _rolecall_here: PARTITION/REGION, where this terminal chose a region. The file is
# that of rolecall/credentials/store/choice.py.
_rolecall_choose() {
  local choice='' more=''
  _rolecall_here=''
  _rolecall_role=${ROLECALL_ROLE:-}
  [[ $_rolecall_role != arn:* ]] || ! _rolecall_read_cold names || _rolecall_name_role
  if [[ -n $_rolecall_terminal ]] && _rolecall_is_ours "$_rolecall_dir/terminals/$_rolecall_terminal"; then
    { IFS= read -r -n 700 choice && { IFS= read -r -n 100 _rolecall_here || [[ -z $_rolecall_here ]]; } &&
      ! IFS= read -r -n 700 more; } <"$_rolecall_dir/terminals/$_rolecall_terminal" || choice='' _rolecall_here=''
    [[ $choice != *[!A-Za-z0-9_.@+=,:/-]* && ${#choice} -le 640 && $_rolecall_here != *[!a-z0-9/-]* &&
      ${#_rolecall_here} -le 90 && -z $more ]] || choice='' _rolecall_here=''
  fi
  if [[ -z $_rolecall_role && -n $choice ]]; then
    _rolecall_role=$choice
  fi
  : "${_rolecall_role:=${_rolecall_wanted:-$_rolecall_default}}"
  : "${_rolecall_role:=${ROLE_ARN:-}}"
  [[ $_rolecall_role != arn:* ]] || ! _rolecall_read_cold names || _rolecall_name_role
}

# `use rolecall ROLE`: the default role of this folder, also for what a person types in it.
if [[ -n ${_rolecall_wanted:-} ]]; then
  export ROLECALL_DEFAULT_ROLE=$_rolecall_wanted ROLECALL_PROJECT=$_rolecall_root
fi
