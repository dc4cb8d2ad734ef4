# shellcheck shell=bash
# Puts the project's own programs first on PATH, where the person made them on this machine. A `.venv` can come with a
# pull, or be added to by one, and a prompt runs `git`: so it is first on PATH only while all of this holds:
# it bears the token that setup gave it, which is kept outside the repository too, and git holds nothing of it.

# Usage: _rolecall_find_venv
# Sets _rolecall_venv: the project's .venv or venv, as rolecall.workstation.venv.state.folder does.
_rolecall_find_venv() {
  _rolecall_venv=''
  if [[ -d $_rolecall_root/.venv/bin ]]; then
    _rolecall_venv=$_rolecall_root/.venv
  elif [[ -f $_rolecall_root/venv/pyvenv.cfg && -d $_rolecall_root/venv/bin ]]; then
    _rolecall_venv=$_rolecall_root/venv
  fi
}

# Usage: _rolecall_is_trusted_venv
# Succeeds where _rolecall_venv may be on PATH; says why it may not.
_rolecall_is_trusted_venv() {
  local PATH=$_rolecall_path state=$_rolecall_state_dir/$_rolecall_key/venv kept='' token='' name=${_rolecall_venv##*/}
  if _rolecall_is_ours "$state"; then
    { IFS= read -r -n 80 kept <"$state"; } 2>/dev/null || kept=''
  fi
  if _rolecall_is_ours "$_rolecall_venv/.rolecall-$_rolecall_key"; then
    { IFS= read -r -n 80 token <"$_rolecall_venv/.rolecall-$_rolecall_key"; } 2>/dev/null || token=''
  fi
  if [[ -n $token && $kept == "from git: $token" ]]; then
    _rolecall_say "$name is not on PATH: it held files from git; delete it, and make it anew (try: ${_rolecall_command}setup)"
  elif [[ -z $token || $kept != "$token" ]]; then
    _rolecall_say "$name is not on PATH: it is not the one that setup saw (try: ${_rolecall_command}setup)"
  elif ! _rolecall_is_clean "$_rolecall_venv"; then
    if [[ $_rolecall_says == held ]]; then
      (umask 077 && printf 'from git: %s\n' "$token" >|"$state") 2>/dev/null || true
      _rolecall_says="it holds files from git; delete it, and make it anew (try: ${_rolecall_command}setup)"
    fi
    _rolecall_say "$name is not on PATH: $_rolecall_says"
  else
    return 0
  fi
  return 1
}

_rolecall_find_venv
if [[ -n $_rolecall_venv ]]; then
  if _rolecall_is_trusted_venv; then
    export PATH="$_rolecall_venv/bin:$PATH"
    _rolecall_watch+=("$_rolecall_venv/bin") # what a pull adds to it is noticed at the next prompt
  fi
# Where the project has none, the command `rolecall` is still to be found: last on PATH, so that it hides nothing.
elif [[ -n $_rolecall_programs ]] && ! command -v rolecall >/dev/null; then
  export PATH="$PATH:$_rolecall_programs"
fi
