# shellcheck shell=bash
# Leaves out of PATH what a pull can bring.

# Usage: _rolecall_leave_out
# Sets _rolecall_path: PATH without what lies in _rolecall_top, or is relative to a folder.
_rolecall_leave_out() {
  local rest=$PATH: folder
  _rolecall_path=''
  while [[ -n $rest ]]; do
    folder=${rest%%:*} rest=${rest#*:}
    if [[ $folder == /* && $folder/ != "$_rolecall_top"/* && $folder != */..* ]]; then
      _rolecall_path+=${_rolecall_path:+:}$folder
    fi
  done
}
