"""Mutated private files, thousands through the real warm path: each is a hit or a miss, never an error.

One bash, with direnv's own functions, evaluates the rendered `.envrc` for each file in a subshell. Python
reads the same file: it crashes at none, and what bash believes of a session, it believes too.
"""

import os
import random
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from rolecall.credentials.store import cache, choice, recent_failure, session_file
from rolecall.project import snapshot
from rolecall.system.person import terminal
from rolecall.system.text import secret
from support.mutants import BY_BASH, BY_PYTHON, EACH, mutants
from support.terminals import Rendered, change_constant

# For each mutated file: put it in place, evaluate, say what came of it. In Python's place is /bin/true.
HARNESS = r"""
eval "$(direnv stdlib)"
cd "$1" || exit 1
unset DIRENV_WATCHES
eval "$(direnv watch bash .envrc)"
for mutant in "$2"/*; do
  cp -p -- "$mutant" "$3"
  said=$( (
    sleep() { exit 9; }
    . ./.envrc >/dev/null
    echo "got=$? role=${ROLECALL_ROLE:-} token=${AWS_SESSION_TOKEN:-} path=${PATH} ifs=${IFS@Q}"
    left=("${!_rolecall@}")
    echo "${#left[@]}"
  ) 2>&1)
  printf '%s\0%s\0' "${mutant##*/}" "$said"
done
"""


@pytest.mark.parametrize("name", BY_BASH)
def test_cd_when_a_private_file_is_mutated_then_it_is_a_hit_or_a_miss(
    rendered: Rendered, tmp_path: Path, record_property: Callable[[str, object], None], name: str
) -> None:
    """No error of bash, nothing run, no name beyond ours changed, and Python agrees with bash."""
    target, text = planted(rendered, name)
    token = str(rendered.cd().exports["AWS_SESSION_TOKEN"])
    change_constant(rendered, "python", "/bin/true")
    folder = tmp_path / "mutants"
    folder.mkdir()
    for number, made in enumerate(mutants(text, random.Random(BY_BASH[name]))):
        path = folder / f"{number:04}"
        path.write_bytes(made)
        path.chmod(0o600)
    found = evaluated(rendered, folder, target)
    assert len(found) == EACH
    for own_name, said in found.items():
        made = (folder / own_name).read_bytes()
        check(rendered, made, said, token)
        if name == "dev.env" and " token= " not in said:
            assert session_file.session(made.decode()), (made, said)
    record_property("mutated", EACH)


def planted(rendered: Rendered, name: str) -> tuple[Path, bytes]:
    """Return where the private file lies, and a right one."""
    rendered.cd()
    leader = terminal.leader()
    targets = {"terminals": f"terminals/{leader.key if leader else 'none'}"}
    target = rendered.folder / targets.get(name, name)
    target.parent.mkdir(exist_ok=True)
    if name == "dev.failed":
        return target, b"until=1999999999\nat=1.5\ncode=timeout\nsays=role dev: no answer\n"
    if name == "project.claim":
        return target, f"{os.getpid()} 1999999999\n".encode()
    return target, b"dev\n" if name == "terminals" else target.read_bytes()


def evaluated(rendered: Rendered, folder: Path, target: Path) -> dict[str, str]:
    """Return what bash said of each mutant."""
    words = ["bash", "-c", HARNESS, "bash", str(rendered.root), str(folder), str(target)]
    done = subprocess.run(words, capture_output=True, check=True, timeout=300)
    parts = done.stdout.decode(errors="replace").split("\0")
    return dict(zip(parts[::2], parts[1::2], strict=False))


def check(rendered: Rendered, made: bytes, said: str, token: str) -> None:
    """Look at what came of one mutant, in bash and in Python."""
    *lines, facts, left = said.splitlines()
    assert all(line.startswith("rolecall: ") for line in lines), (made, said)
    assert facts.startswith("got=0 "), (made, said)
    assert left == "0", (made, said)
    assert f"path={rendered.root}/.venv/bin:{os.environ['PATH']} ifs=$' \\t\\n'" in facts, (made, said)
    assert not (rendered.root / "hacked").exists(), made
    assert f"role=dev token={token} " in facts or "role= token= " in facts or b"SESSION_TOKEN=" in made, said


@pytest.mark.parametrize("name", BY_PYTHON)
def test_python_when_a_private_file_is_mutated_then_it_is_a_hit_or_a_miss(
    rendered: Rendered,
    record_property: Callable[[str, object], None],
    monkeypatch: pytest.MonkeyPatch,
    name: str,
) -> None:
    """The readers of credential_process, of a `cd` and of `status` raise nothing."""
    monkeypatch.setattr(secret, "_known", set())  # no other test looks for the garbled ones
    target, text = planted(rendered, name)
    leader = terminal.leader()
    for made in mutants(text, random.Random(10 + BY_BASH[name])):
        target.write_bytes(made)
        target.chmod(0o600)
        entry = cache.read(rendered.place, "dev")
        assert entry is None or entry.session.role == "dev"
        snapshot.read(rendered.place)
        recent_failure.read(rendered.place, "dev")
        assert choice.read(rendered.place, leader) in (None, "dev") or name == "terminals"
    record_property("mutated", EACH)
