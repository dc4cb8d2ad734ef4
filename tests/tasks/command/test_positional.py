"""A role given by its place, as the program `rolecall` takes it."""

from pathlib import Path

import pytest

from rolecall.tasks import namespace
from rolecall.tasks.command import positional
from support import command


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("assume prod", "assume --role prod"),
        ("assume --format bash prod", "assume --format bash --role prod"),
        ("assume -f bash prod", "assume -f bash --role prod"),
        ("assume --format=bash prod --refresh", "assume --format=bash --role prod --refresh"),
        ("assume --refresh prod", "assume --refresh --role prod"),
        ("exec prod -- aws s3 ls", "exec --role prod -- aws s3 ls"),
        ("exec -- aws s3", "exec -- aws s3"),
        ("login prod", "login --role prod"),
        ("assume --role prod", "assume --role prod"),
        ("assume -r prod", "assume -r prod"),
        ("assume --role=prod status", "assume --role=prod status"),
        ("status prod", "status prod"),
        ("nonsense prod", "nonsense prod"),
        ("--help assume", "--help assume"),
        ("assume --min-ttl", "assume --min-ttl"),
        ("assume", "assume"),
        ("", ""),
    ],
)
def test_with_role_when_a_bare_word_follows_a_task_then_it_is_the_role(typed: str, meant: str) -> None:
    """But neither a flag's value nor what stands after `--`."""
    assert positional.with_role(typed.split(), namespace.to_contexts()) == meant.split()


def test_rolecall_when_a_role_is_given_by_its_place_then_takes_it(project: Path, tmp_path: Path) -> None:
    """As with `--role`; an empty word names no role."""
    path = command.script(tmp_path / "bin").parent
    done = command.run(["rolecall", "assume", "prod"], project, path=path)
    assert ":assumed-role/prod/" in done.stdout, done.stderr
    words = ["exec", "prod", "--", "sh", "-c", 'echo "$ROLECALL_ROLE $1"', "sh", "a  b"]
    assert command.run(["rolecall", *words], project, path=path).stdout == "prod a  b\n"
    empty = command.run(["rolecall", "assume", ""], project, path=path)
    assert (empty.returncode, empty.stdout) == (2, "")
