# shellcheck shell=bash
# Finds the programs that it starts outside the project's folders, so that a pull cannot bring one.

# _rolecall_path is the PATH of each function here that starts programs (the project's own fragments have PATH as
# it is): without what lies in the project's repository, or is relative to a folder. _rolecall_top is the folder
# that a pull can change, the project's repository.
_rolecall_path=$PATH _rolecall_top=$_rolecall_root _rolecall_at=$_rolecall_root
while [[ -n $_rolecall_at && $_rolecall_at != "${HOME:-}" ]]; do
  [[ ! -e $_rolecall_at/.git ]] || _rolecall_top=$_rolecall_at
  _rolecall_at=${_rolecall_at%/*}
done
if [[ :$PATH: == *:[!/]* || :$PATH: == *":$_rolecall_top"[:/]* || $PATH == */..* ]]; then
  _rolecall_path=/usr/bin:/bin
  _rolecall_read_cold commands && _rolecall_leave_out
fi
