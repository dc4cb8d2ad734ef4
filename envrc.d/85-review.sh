# shellcheck shell=bash
# Looks where what this file was rendered from has changed since: nothing of that runs before it is approved.

# Times alone, and direnv watches what a pull can change. A copy that `use rolecall` runs is rendered from nothing
# of the project's: only rolecall itself can have changed.
if [[ -n ${_rolecall_rendered:-} ]]; then
  _rolecall_is_changed=''
  if [[ -z ${_rolecall_copies+1} ]]; then
    for _rolecall_file in ${_rolecall_own[@]+"${_rolecall_own[@]}"}; do
      [[ -e $_rolecall_root/envrc.d/$_rolecall_file ]] || _rolecall_is_changed=1
    done
    for _rolecall_file in "$_rolecall_root"/envrc.d/*.sh "$_rolecall_root"/templates/{envrc,fragments}.j2; do
      [[ -f $_rolecall_file ]] || continue
      _rolecall_watch+=("$_rolecall_file")
      [[ ! $_rolecall_file -nt $_rolecall_rendered &&
        ($_rolecall_file == *.j2 || " ${_rolecall_own[*]-} " == *" ${_rolecall_file##*/} "*) ]] || _rolecall_is_changed=1
    done
  fi
  if [[ -n $_rolecall_is_changed || -n $_rolecall_release && ! -d $_rolecall_release ]]; then
    _rolecall_read_cold review && _rolecall_tell_changes
  fi
fi
