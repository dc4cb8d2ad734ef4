# shellcheck shell=bash
# The project's own Python first on PATH. Late, so that nothing above ran a program from it.

if [[ -d $_rolecall_root/.venv/bin ]]; then
  export PATH="$_rolecall_root/.venv/bin:$PATH"
fi
