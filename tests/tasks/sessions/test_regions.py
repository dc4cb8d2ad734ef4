"""`--region` of assume, exec and console: which names are taken, and where they apply."""

import json
import sys
from pathlib import Path

import pytest

from support.invoked import invoke

REGIONS = (
    "import json, os; print(json.dumps([os.environ.get('AWS_REGION'), os.environ.get('AWS_DEFAULT_REGION')]))"
)


def test_exec_when_a_region_is_named_then_the_command_has_it(shop: Path) -> None:
    """For one command; under both of its names, for every SDK."""
    done = invoke(shop, "exec", "--region", "eu-west-3", "--", sys.executable, "-c", REGIONS)
    assert json.loads(done.stdout) == ["eu-west-3", "eu-west-3"], done.stderr
    done = invoke(shop, "exec", "--region", "default", "--", sys.executable, "-c", REGIONS)
    assert json.loads(done.stdout) == ["eu-west-1", "eu-west-1"], done.stderr


def test_assume_when_a_region_is_named_for_a_format_then_it_is_printed(shop: Path) -> None:
    """Where no terminal is, a script takes it with the credentials."""
    done = invoke(shop, "assume", "--region", "eu-west-3", "--format", "env")
    assert "AWS_REGION=eu-west-3\nAWS_DEFAULT_REGION=eu-west-3\n" in done.stdout, done.stderr


def test_assume_when_there_is_no_terminal_then_says_how_to_have_the_region(shop: Path) -> None:
    """No hidden state."""
    done = invoke(shop, "assume", "--region", "eu-west-3")
    assert done.returncode == 0
    assert "no terminal" in done.stderr
    assert "--region eu-west-3 --format bash" in done.stderr


@pytest.mark.parametrize(
    "task", [["assume"], ["console", "--print"], ["exec", "--", "true"]], ids=lambda t: t[0]
)
@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("eu-wset-3", "did you mean eu-west-3?"),
        ("cn-north-1", "is in the partition aws-cn, and the role is in aws"),
        ("Paris", "is not a region such as eu-west-1"),
        ("", "must be a non-empty string"),
    ],
)
def test_region_when_it_is_none_then_refused_before_anything(
    shop: Path, task: list[str], name: str, says: str
) -> None:
    """A typo would send every request to a host that is not there."""
    done = invoke(shop, task[0], "--region", name, *task[1:])
    assert done.returncode == 2
    assert says in done.stderr


def test_region_when_the_project_declares_it_then_is_taken_at_its_word(shop: Path) -> None:
    """AWS may have a region that the botocore at hand does not know yet."""
    roles = shop / "envrc.d/roles.toml"
    roles.write_text(roles.read_text().replace('duration = "1h"', 'region = "eu-newest-1"'))
    done = invoke(shop, "exec", "--region", "eu-newest-1", "--", sys.executable, "-c", REGIONS)
    assert json.loads(done.stdout) == ["eu-newest-1", "eu-newest-1"], done.stderr


def test_unset_when_a_region_is_named_too_then_says_how_a_region_is_dropped(shop: Path) -> None:
    """The two together mean nothing."""
    done = invoke(shop, "assume", "--unset", "--region", "eu-west-3")
    assert done.returncode == 2
    assert "--region default" in done.stderr
