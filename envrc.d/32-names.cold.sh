# shellcheck shell=bash
# Names the file of a session whose role or identity has no plain name.

# Usage: _rolecall_encode_name ROLE
# Sets _rolecall_name as rolecall.system.disk.paths.file_name does: byte by byte, with LC_ALL=C.
_rolecall_encode_name() {
  local rest=$1 character code checksum=0
  _rolecall_name=''
  while [[ -n $rest ]]; do
    character=${rest:0:1} rest=${rest:1}
    printf -v code '%d' "'$character"
    checksum=$(((checksum * 257 + (code & 255)) % 9007199254740881))
    [[ $character == [A-Za-z0-9_.@+=,-] ]] || character=_
    _rolecall_name+=$character
  done
  _rolecall_name=${_rolecall_name:0:80}~$checksum
}

# Usage: _rolecall_name_role
# Where _rolecall_role is the ARN of a role that the project declares, makes it that role's name: its session
# is kept under that, and under nothing else.
_rolecall_name_role() {
  local arn name
  _rolecall_is_ours "$_rolecall_dir/aliases.snapshot" || return 0
  while read -r arn name; do
    if [[ $arn == "$_rolecall_role" ]]; then
      _rolecall_role=$name
      return 0
    fi
  done <"$_rolecall_dir/aliases.snapshot"
}
