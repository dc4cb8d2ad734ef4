# shellcheck shell=bash
# Tells one terminal from another where there is no /proc.

# Usage: _rolecall_find_terminal_by_ps
# Without /proc (macOS, FreeBSD): the topmost ancestor on this tty leads its session. One fork of ps, with one
# -o a column: BSD's ps takes what follows an equals sign, commas included, for the column's title.
_rolecall_find_terminal_by_ps() {
  local PATH=$_rolecall_path pid=$$ parent tty started parents=() ttys=() starts=()
  while read -r pid parent tty started; do
    parents[pid]=$parent ttys[pid]=$tty starts[pid]=$started
  done < <(LC_ALL=C TZ=UTC0 ps -A -o pid= -o ppid= -o tty= -o lstart=)
  pid=$$ tty=${ttys[$$]:-?}
  [[ $tty != [-?]* ]] || return 0
  while [[ ${ttys[${parents[pid]}]:-} == "$tty" ]]; do
    pid=${parents[pid]}
  done
  _rolecall_terminal=$pid-${starts[pid]//[^A-Za-z0-9]/_}
}
