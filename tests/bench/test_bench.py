"""The benchmark itself, in its smallest size: no time is judged here, everything counted is."""

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import arena
import peers
import pytest
import rows
from timing import Sample

pytestmark = pytest.mark.xdist_group("bench")  # every row is measured once

BENCH = Path(__file__).parent
SHELLS = 4
SMALL = ("--rounds", "1", "--shells", str(SHELLS), "--seed", "1")


def run(*words: str) -> "subprocess.CompletedProcess[str]":
    """Run the benchmark as `invoke bench` does."""
    argv = [sys.executable, str(BENCH), *words]
    return subprocess.run(argv, capture_output=True, text=True, timeout=240, check=False)


@pytest.fixture(scope="module")
def facts() -> Mapping[str, Any]:
    """Run every row once."""
    done = run("--json", *SMALL)
    assert done.stdout, done.stderr
    found: Mapping[str, Any] = json.loads(done.stdout)
    return found


def row(facts: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    """Return one row."""
    found: Mapping[str, Any] = next(one for one in facts["rows"] if one["key"] == key)
    return found


def test_json_holds_every_row_of_the_budgets_and_the_machine(facts: Mapping[str, Any]) -> None:
    """Every budget has its row, judged or named as not measured, and the machine is described."""
    prompts = {f"prompt-{shell}" for shell in ("bash", "zsh", "fish")}
    expected = ({*rows.KEYS} | prompts) - {"prompt", "peers"}

    assert expected == {one["key"] for one in facts["rows"]}
    for one in facts["rows"]:
        assert (one["value"] is None) == (one["is_met"] is None)
        assert one["value"] is not None or one["detail"].startswith("not measured: ")
    assert {"cores", "system", "python", "direnv", "bash"} <= facts["machine"].keys()


def test_warm_cd_when_nothing_changed_then_starts_no_process_of_its_own(facts: Mapping[str, Any]) -> None:
    """The warm path is bash builtins alone."""
    assert row(facts, "processes")["value"] == 0, row(facts, "processes")["detail"]


def test_prompt_forks_nothing_in_any_shell(facts: Mapping[str, Any]) -> None:
    """The rc block costs no process at an idle prompt."""
    for shell in ("bash", "zsh", "fish"):
        assert row(facts, f"prompt-{shell}")["detail"] == "0 forks"


def test_shells_that_enter_cold_at_once_make_one_call(facts: Mapping[str, Any]) -> None:
    """One call to STS serves every shell."""
    found = row(facts, "crowd")

    assert found["value"] == 1
    assert found["detail"].startswith(f"{SHELLS} of {SHELLS} with credentials")


def test_nothing_is_resident_when_idle(facts: Mapping[str, Any]) -> None:
    """After a renewal behind the prompt no process is left."""
    found = row(facts, "resident")

    assert (found["value"], found["is_met"]) == (0, True), found["detail"]


def test_samples_have_a_median_with_its_spread(facts: Mapping[str, Any]) -> None:
    """Every time is a median between its tenth and ninetieth percentile."""
    assert {"warm cd", "static .envrc", "cold cd", "boto3 script"} <= facts["samples"].keys()
    for one in facts["samples"].values():
        assert one["runs"] == 1
        assert 0 < one["p10_ms"] <= one["median_ms"] <= one["p90_ms"]


def test_every_peer_is_measured_or_named_as_missing(facts: Mapping[str, Any]) -> None:
    """No peer disappears, and a missing one has a reason."""
    with arena.opened() as ground:
        known = {peer.name for peer in peers.every(ground)}

    assert known == {one["name"] for one in [*facts["peers"], *facts["missing"]]}
    assert all(one["reason"] for one in facts["missing"])


def test_peer_that_is_not_on_path_is_missing_by_name(tmp_path: Path) -> None:
    """A tool that is not there is named, never guessed."""
    with arena.opened() as ground:
        tool = peers.Peer("a tool of nobody", ("no-such-tool",), "")
        found = peers.enter(ground, tool)

    assert found == peers.Missing("a tool of nobody", "no-such-tool not on PATH")


def test_peer_whose_recipe_gives_no_credentials_is_missing_with_its_words() -> None:
    """A tool that does not do the work is not timed."""
    with arena.opened() as ground:
        tool = peers.Peer("a broken tool", ("bash",), "echo 'the cat ate it' >&2\n")
        found = peers.enter(ground, tool)

    assert isinstance(found, peers.Missing)
    assert "gives no credentials from the local STS" in found.reason


def test_ratio_over_its_budget_is_missed_and_one_without_its_base_is_not_measured() -> None:
    """A row is judged by the medians; without them it is not judged."""
    ratio = rows.Ratio("k", "what", 2, "slow", "fast")
    samples = {"slow": Sample((30.0,)), "fast": Sample((10.0,))}

    assert ratio.row(samples).is_met is False
    assert ratio.row({**samples, "fast": Sample((15.0,))}).is_met is True
    assert ratio.row({"slow": Sample((30.0,))}).is_met is None


def test_unknown_row_is_a_usage_error_that_lists_the_known_ones() -> None:
    """A typing error measures nothing."""
    done = run("--only", "warm")

    assert done.returncode == 2
    assert "warm-cd" in done.stderr
