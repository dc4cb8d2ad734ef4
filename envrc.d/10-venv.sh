# shellcheck shell=bash
# The project's own Python first on PATH.

if [[ -d $_rolecall_root/.venv/bin ]]; then
  export PATH="$_rolecall_root/.venv/bin:$PATH"
fi
