# shellcheck shell=bash
# Puts the project's own programs first on PATH, where the person made them on this machine. A `.venv` can come with a
# pull, or be added to by one, and a prompt runs `git`: so it is first on PATH only while all of this holds:
# it bears the token that setup gave it, which is kept outside the repository too, and git holds nothing of it.

_rolecall_venv='' # .venv or venv, as rolecall.workstation.venv.state.folder says it
if [[ -d $_rolecall_root/.venv/bin ]]; then
  _rolecall_venv=$_rolecall_root/.venv
elif [[ -f $_rolecall_root/venv/pyvenv.cfg && -d $_rolecall_root/venv/bin ]]; then
  _rolecall_venv=$_rolecall_root/venv
fi
if [[ -n $_rolecall_venv ]]; then
  _rolecall_state_file=$_rolecall_state_dir/$_rolecall_key/venv _rolecall_kept=''
  _rolecall_token_file=$_rolecall_venv/.rolecall-$_rolecall_key _rolecall_token=''
  if [[ -r $_rolecall_state_file ]] && _rolecall_is_ours "$_rolecall_state_file"; then
    IFS= read -r -n 80 _rolecall_kept <"$_rolecall_state_file" || _rolecall_kept=''
  fi
  if [[ -r $_rolecall_token_file ]] && _rolecall_is_ours "$_rolecall_token_file"; then
    IFS= read -r -n 80 _rolecall_token <"$_rolecall_token_file" || _rolecall_token=''
  fi
  if [[ -n $_rolecall_token && $_rolecall_kept == "$_rolecall_token" ]] && _rolecall_is_clean "$_rolecall_venv"; then
    export PATH="$_rolecall_venv/bin:$PATH"
    _rolecall_watch+=("$_rolecall_venv/bin") # what a pull adds to it is noticed at the next prompt
  else
    _rolecall_read_cold venv && _rolecall_tell_venv
  fi
# Where the project has none, the command `rolecall` is still to be found: last on PATH, so that it hides nothing.
elif [[ -n $_rolecall_programs ]] && ! command -v rolecall >/dev/null; then
  export PATH="$PATH:$_rolecall_programs"
fi
