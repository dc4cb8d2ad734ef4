# shellcheck shell=bash
# The project's own Python first on PATH, where it has one. Late, so that nothing above ran a program from it.
# Where it has none, the command `rolecall` is still to be found: last on PATH, so that it hides nothing.

if [[ -d $_rolecall_root/.venv/bin ]]; then
  export PATH="$_rolecall_root/.venv/bin:$PATH"
elif [[ -f $_rolecall_root/venv/pyvenv.cfg && -d $_rolecall_root/venv/bin ]]; then
  export PATH="$_rolecall_root/venv/bin:$PATH"
elif [[ -n $_rolecall_programs ]] && ! command -v rolecall >/dev/null; then
  export PATH="$PATH:$_rolecall_programs"
fi
