# shellcheck shell=bash
# Says a line to the person.

# Usage: _rolecall_say TEXT
# One line to the person, on stderr: stdout may be read by an editor. A file's name may hold what steers a
# terminal: control characters, those of C1 (0xC2 0x80 to 0x9F), and what turns the direction of a line.
_rolecall_say() {
  local LC_ALL=C text=$1
  if [[ $text == *[!' '-~]* ]]; then
    text=${text//[$'\x01'-$'\x1f'$'\x7f']/?}
    text=${text//$'\xc2'[$'\x80'-$'\x9f']/?}
    text=${text//$'\xe2\x80'[$'\x8e'$'\x8f'$'\xaa'-$'\xae']/?}
    text=${text//$'\xe2\x81'[$'\xa6'-$'\xa9']/?}
  fi
  printf 'rolecall: %s\n' "$text" >&2
}
