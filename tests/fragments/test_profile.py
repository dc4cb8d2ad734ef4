"""`52-profile.cold.sh`: the profile of a role, where the team delivers by profiles."""

from pathlib import Path

import pytest

from support import fragments

SCRIPT = """
_rolecall_state_dir=$STATE _rolecall_role=$ROLE _rolecall_state=$NOW_IS
_rolecall_read_cold profile
_rolecall_find_profile
show _rolecall_profile
printf '%s\\n' ${_rolecall_watch[@]+"${_rolecall_watch[@]}"}
"""
PROFILES = "production shop-production\nprod shop-prod\ndev shop-dev\nodd shop dev\ntick a`b\nempty \n"
HINT = "has no profile in your AWS config, so you get its keys (try: invoke setup --profiles)"


@pytest.mark.parametrize(
    ("role", "state", "profile", "says"),
    [
        ("dev", "warm", "shop-dev", ""),
        ("prod", "warm", "shop-prod", ""),
        ("production", "none", "shop-production", ""),
        ("odd", "warm", "", HINT),
        ("tick", "warm", "", HINT),
        ("empty", "warm", "", HINT),
        ("other", "warm", "", HINT),
        ("other", "none", "", ""),  # what is said of the missing session is enough
        ("", "warm", "", ""),
        ("arn:aws:iam::111122223333:role/dev", "warm", "", ""),
    ],
)
def test_profile_when_setup_wrote_one_for_the_role_then_it_is_that_one(
    tmp_path: Path, role: str, state: str, profile: str, says: str
) -> None:
    """A name that no AWS config of ours has is none."""
    kept = tmp_path / "shop/profiles"
    kept.parent.mkdir()
    kept.write_text(f"{PROFILES}arn:aws:iam::111122223333:role/dev x\n x\n")
    told = fragments.run(SCRIPT, {"STATE": str(tmp_path), "ROLE": role, "NOW_IS": state}).splitlines()
    watched = [str(kept)] if role and ":" not in role else []
    line = [f"rolecall: role {role} {says}"] if says else []
    assert [one for one in told if one] == [*line, f"_rolecall_profile=<{profile}>", *watched]


def test_profile_when_setup_has_not_run_then_there_is_none_and_it_is_watched(tmp_path: Path) -> None:
    """So that the next prompt after setup sees it."""
    told = fragments.run(SCRIPT, {"STATE": str(tmp_path), "ROLE": "dev", "NOW_IS": "none"}).splitlines()
    assert told == ["_rolecall_profile=<>", f"{tmp_path}/shop/profiles"]
