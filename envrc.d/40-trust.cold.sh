# shellcheck shell=bash
# Compares rolecall's files with their approved digests where it lives in the project. A pull can change it there,
# and what has changed does not run. Elsewhere there is no manifest, and nothing to compare.

# Usage: _rolecall_is_trusted
# Compares the package with the manifest; names the first file that differs. One process: sha256sum.
_rolecall_is_trusted() {
  local sum=(sha256sum) present line
  [[ -n $_rolecall_manifest ]] || return 0
  _rolecall_files=()
  _rolecall_list "$_rolecall_package" || return 1
  command -v sha256sum >/dev/null || sum=(shasum -a 256)
  present=$(cd "$_rolecall_package" && exec "${sum[@]}" -- "${_rolecall_files[@]}" 2>/dev/null)
  [[ $present != "$_rolecall_manifest" ]] || return 0
  while IFS= read -r line; do
    if [[ $'\n'$_rolecall_manifest$'\n' != *$'\n'"$line"$'\n'* ]]; then
      _rolecall_say "$_rolecall_package/${line#*  } is not as you approved it; nothing was run (try: $_rolecall_review)"
      return 1
    fi
  done <<<"$present"
  _rolecall_say "a file of $_rolecall_package that you approved is gone; nothing was run (try: $_rolecall_review)"
  return 1
}

# Usage: _rolecall_list FOLDER
# Adds every file below FOLDER to _rolecall_files, as rolecall.workstation.envrc.manifest does. Python reads
# no bytecode there (it has a place of its own), and no name that begins with a dot. A link is refused.
_rolecall_list() {
  local entry
  for entry in "$1"/*; do
    if [[ -L $entry ]]; then
      _rolecall_say "$entry is a link; nothing was run (try: $_rolecall_review)"
      return 1
    elif [[ -d $entry ]]; then
      [[ ${entry##*/} == __pycache__ ]] || _rolecall_list "$entry" || return 1
    elif [[ -e $entry ]]; then
      _rolecall_files+=("${entry#"$_rolecall_package"/}")
    fi
  done
}
