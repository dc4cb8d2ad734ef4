# shellcheck shell=bash
# direnv approved this file alone; what it would start must be what it was then.

# Usage: _rolecall_is_trusted
# Compares the code that the cold path runs with the manifest above; names the first file that differs.
_rolecall_is_trusted() {
  local present line
  if [[ -n $(git -C "$_rolecall_root" ls-files -- .venv 2>/dev/null) ]]; then
    # git checks out what somebody committed there, ignored or not
    _rolecall_say '.venv holds files that came with git; nothing of it was run (try: git rm -r --cached .venv)'
    return 1
  fi
  present=$(_rolecall_present_manifest)
  [[ $present != "$_rolecall_manifest" ]] || return 0
  while IFS= read -r line; do
    if [[ $'\n'$_rolecall_manifest$'\n' != *$'\n'"$line"$'\n'* ]]; then
      _rolecall_say "${line#*  } is not as you approved it; nothing of it was run (try: invoke setup)"
      return 1
    fi
  done <<<"$present"
  _rolecall_say 'a file you approved is gone; nothing was run (try: invoke setup)'
  return 1
}

# Usage: _rolecall_present_manifest
# Prints sha256 and path of every file that could run, as rolecall.workstation.envrc.manifest.manifest does:
# what Python can import from the folder of tasks.py, Invoke's own files, envrc.d, templates, and src
# where rolecall itself lives in it.
_rolecall_present_manifest() {
  local sum=(sha256sum) trees=(envrc.d templates)
  command -v sha256sum >/dev/null || sum=(shasum -a 256)
  cd "$_rolecall_root" || return 1
  if [[ -d src/rolecall ]]; then
    trees+=(src)
  fi
  {
    find -L . -maxdepth 1 -type f \( -name '*.py' -o -name '*.so' -o -name 'invoke.*' \)
    find -L . -mindepth 2 -maxdepth 2 ! -path './.*' -type f -name __init__.py
    find -L "${trees[@]}" -type f ! -name '*.pyc' 2>/dev/null
  } | LC_ALL=C sed 's|^\./||' | LC_ALL=C sort -u | tr '\n' '\0' | xargs -0 "${sum[@]}" 2>/dev/null
}
