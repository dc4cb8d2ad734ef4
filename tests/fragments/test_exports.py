"""`55-exports.sh`: what of `.env` and of the session a shell gets."""

from pathlib import Path

import pytest

from support import fragments

NOW = 1_800_000_000
FACTS = f"""
_rolecall_now={NOW} _rolecall_state=$NOW_IS _rolecall_late=0 _rolecall_delivery=keys _rolecall_profile=''
_rolecall_state_dir=$STATE _rolecall_role=dev _rolecall_account=111122223333 _rolecall_here=''
_rolecall_expires={NOW + 3600} _rolecall_renew_at={NOW + 2700} _rolecall_protected='' _rolecall_rights=''
_rolecall_region='' _rolecall_picky='' _rolecall_has_locale='' _rolecall_locale=''
_rolecall_env=() _rolecall_refused=()
_rolecall_session=(AWS_ACCESS_KEY_ID=A AWS_SECRET_ACCESS_KEY=S AWS_SESSION_TOKEN=T AWS_CREDENTIAL_EXPIRATION=E
  AWS_ACCOUNT_ID=111122223333 ROLECALL_ROLE=dev)
"""
OLD = {
    "AWS_PROFILE": "old",
    "AWS_DEFAULT_PROFILE": "old",
    "AWS_ACCESS_KEY_ID": "old",
    "AWS_SECRET_ACCESS_KEY": "old",
    "AWS_SESSION_TOKEN": "old",
    "AWS_CREDENTIAL_EXPIRATION": "old",
    "AWS_ACCOUNT_ID": "old",
    "ROLECALL_ROLE": "old",
    "ROLECALL_PROFILE": "old",
    "ROLECALL_RENEW_AT": "1",
}
KEYS = {
    "AWS_ACCESS_KEY_ID": "A",
    "AWS_SECRET_ACCESS_KEY": "S",
    "AWS_SESSION_TOKEN": "T",
    "AWS_CREDENTIAL_EXPIRATION": "E",
}
ROLE = {"AWS_ACCOUNT_ID": "111122223333", "ROLECALL_ROLE": "dev"}
LINE = "rolecall: dev · 111122223333 · 1h00m left"


def loaded(
    state: Path, given: str = "", now_is: str = "warm", **environ: str
) -> tuple[dict[str, str], list[str]]:
    """Return what a program would see of ours, and what was said."""
    own = {"STATE": str(state), "NOW_IS": now_is, **OLD, **environ}
    script = f"{FACTS}{given}\nread_fragment 55-exports.sh\necho ---\nenv -0 | tr '\\n\\0' '~\\n'"
    said, _, rest = fragments.run(script, own).partition("---\n")
    values = dict(line.partition("=")[::2] for line in rest.splitlines())
    spared = {"PATH", "PWD", "OLDPWD", "_", "SHLVL", "FRAGMENTS", "STATE", "NOW_IS"}
    return {name: value for name, value in values.items() if name not in spared}, said.splitlines()


@pytest.mark.parametrize(
    ("now_is", "given", "renew_at"),
    [
        ("warm", "", NOW + 2700),
        ("soft", "", NOW + 60),
        ("stale", "", NOW + 30),
    ],
)
def test_exports_when_there_is_a_session_then_they_are_it_and_nothing_of_before(
    tmp_path: Path, now_is: str, given: str, renew_at: int
) -> None:
    """No profile beside the keys: SDKs disagree on which wins."""
    values, said = loaded(tmp_path, given, now_is)
    assert values == {**KEYS, **ROLE, "ROLECALL_RENEW_AT": str(renew_at)}
    assert said == [LINE]


@pytest.mark.parametrize(
    ("now_is", "given", "renewed"),
    [
        ("none", "", {"ROLECALL_RENEW_AT": str(NOW + 120)}),
        ("none", "_rolecall_late=1", {"ROLECALL_RENEW_AT": str(NOW)}),
        ("locked", "", {}),
        ("locked", "_rolecall_delivery=profile", {}),
    ],
)
def test_exports_when_there_is_no_session_then_nothing_of_before_stays(
    tmp_path: Path, now_is: str, given: str, renewed: dict[str, str]
) -> None:
    """The next prompts look again, but for a lock, whose mark is watched."""
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop/profiles").write_text("dev shop-dev\n")
    assert loaded(tmp_path, given, now_is) == (renewed, [])


def test_exports_when_delivered_by_profile_then_it_takes_the_place_of_the_keys(tmp_path: Path) -> None:
    """And the line says it; the role's name for a prompt is not needed then."""
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop/profiles").write_text("dev shop-dev\n")
    (tmp_path / "prompt").write_text("")
    values, said = loaded(tmp_path, "_rolecall_delivery=profile")
    profile = {"AWS_PROFILE": "shop-dev", "ROLECALL_PROFILE": "shop-dev"}
    assert values == {**profile, **ROLE, "ROLECALL_RENEW_AT": str(NOW + 2700)}
    assert said == ["rolecall: dev · 111122223333 · profile shop-dev · 1h00m left"]


@pytest.mark.parametrize("is_asked", [True, False])
def test_exports_when_a_prompt_shows_the_role_then_and_only_then_it_has_the_name(
    tmp_path: Path, *, is_asked: bool
) -> None:
    """AWSUME_PROFILE is what starship and powerlevel10k read."""
    if is_asked:
        (tmp_path / "prompt").write_text("")
    assert loaded(tmp_path)[0].get("AWSUME_PROFILE") == ("dev" if is_asked else None)


@pytest.mark.parametrize(
    ("given", "environ", "region"),
    [
        ("_rolecall_here=aws/a _rolecall_region=d", {"AWS_REGION": "b", "AWS_DEFAULT_REGION": "c"}, "a"),
        ("_rolecall_region=d", {"AWS_REGION": "b", "AWS_DEFAULT_REGION": "c"}, "b"),
        ("_rolecall_region=d", {"AWS_DEFAULT_REGION": "c"}, "c"),
        ("_rolecall_region=d", {}, "d"),
        ("", {}, None),
    ],
)
def test_region_when_several_are_named_then_the_nearest_has_both_names(
    tmp_path: Path, given: str, environ: dict[str, str], region: str | None
) -> None:
    """What the terminal chose, what is in the environment by now, that of the profile that assumed."""
    values, _ = loaded(tmp_path, given, **environ)
    assert (values.get("AWS_REGION"), values.get("AWS_DEFAULT_REGION")) == (region, region)


def test_line_when_the_session_is_no_plain_one_then_says_how(tmp_path: Path) -> None:
    """Where, protected, with which rights, and for how long."""
    given = "_rolecall_here=aws/eu-west-3 _rolecall_protected=1 _rolecall_rights=read-only"
    said = loaded(tmp_path, given)[1]
    assert said == ["rolecall: dev · 111122223333 · eu-west-3 · protected · read-only · 1h00m left"]


@pytest.mark.parametrize("shell", ["", "fish", "tcsh"])
def test_env_when_it_has_values_then_the_shell_gets_them_decoded(tmp_path: Path, shell: str) -> None:
    """Those that its shell does not take are named; so are those that Python left out."""
    given = (
        f"_rolecall_picky={shell} _rolecall_refused=('UID in .env is not set') "
        r"_rolecall_env=(PLAIN='a b' LINES='a\nb' version=1 'TICK=a`b' EMPTY=)"
        "\n_rolecall_read_cold project"
    )
    values, said = loaded(tmp_path, given)
    env = {"PLAIN": "a b", "LINES": "a~b", "version": "1", "TICK": "a`b", "EMPTY": ""}
    left_out = {"fish": ["version"], "tcsh": ["TICK", "LINES"]}.get(shell, [])
    assert {name: values[name] for name in env if name in values} == {
        name: value for name, value in env.items() if name not in left_out
    }
    assert said[0] == "rolecall: UID in .env is not set"
    assert sorted(line.split()[1] for line in said[1:-1]) == sorted(left_out)


def test_env_when_it_names_a_locale_then_it_is_kept_for_the_shell(tmp_path: Path) -> None:
    """Our own parts go on with LC_ALL=C; the last of them gives the shell what `.env` says."""
    given = "_rolecall_env=(LC_ALL=C.UTF-8) _rolecall_has_locale=1\ntrap 'show _rolecall_locale LC_ALL' EXIT"
    values = loaded(tmp_path, given)[0]
    assert (values["_rolecall_locale"], values["LC_ALL"]) == ("<=C.UTF-8>", "<C>")
