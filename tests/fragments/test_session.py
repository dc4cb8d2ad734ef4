"""`35-session.load.sh`: which session file is believed, and for how long."""

from collections.abc import Callable
from pathlib import Path

import pytest

from rolecall.credentials.store import session_file
from support import fragments

NOW = 1_800_000_000
SCRIPT = f"""
_rolecall_dir=$FOLDER _rolecall_now={NOW} _rolecall_state_dir=/state _rolecall_terminal=$TERMINAL
_rolecall_role=dev _rolecall_identity=named _rolecall_is_true=$TRUE _rolecall_inputs=1234 _rolecall_here=$HERE
read_fragment 35-session.load.sh
show _rolecall_state _rolecall_renew_at _rolecall_here
printf '%s\\n' ${{_rolecall_session[@]+"${{_rolecall_session[@]}}"}}
"""
LINES = {
    "AWS_ACCESS_KEY_ID": "ASIAEXAMPLE",
    "AWS_SECRET_ACCESS_KEY": "s/e+c=",
    "AWS_SESSION_TOKEN": "t0k/en==",
    "AWS_CREDENTIAL_EXPIRATION": "2027-01-15T09:00:00Z",
    "AWS_REGION": "eu-west-1",
    "AWS_DEFAULT_REGION": "eu-west-1",
    "AWS_ACCOUNT_ID": "111122223333",
    "ROLECALL_ROLE": "dev",
    "ROLECALL_ROLE_ARN": "arn:aws:iam::111122223333:role/dev",
    "ROLECALL_ASSUMED_ARN": "arn:aws:sts::111122223333:assumed-role/dev/ann",
    "ROLECALL_ASSUMED_ID": "AROAEXAMPLE:ann",
    "ROLECALL_ISSUED": str(NOW - 60),
    "ROLECALL_EXPIRES": str(NOW + 3600),
    "ROLECALL_RENEW_AT": str(NOW + 2700),
    "ROLECALL_INPUTS": "1234",
    "ROLECALL_ENVIRON": "",
    "ROLECALL_PROFILE_REGION": "",
    "ROLECALL_FINGERPRINT": "abcd",
    "ROLECALL_PROTECTED": "",
    "ROLECALL_RIGHTS": "",
}
EXPORTED = list(LINES)[:8]
WARM = ("warm", str(NOW + 2700))


def text_of(**changed: str) -> str:
    """Return a session file with these lines changed."""
    return "".join(f"{name}={value}\n" for name, value in {**LINES, **changed}.items())


def put(folder: Path, text: str, place: str = "dev.env") -> None:
    """Write it where it is looked for."""
    path = folder / place
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode())


def found(
    folder: Path, *, terminal: str = "", is_true: str = "1", here: str = ""
) -> tuple[list[str], list[str]]:
    """Return the state, the renewal and the chosen region; and what would be exported."""
    own = {"FOLDER": str(folder), "TERMINAL": terminal, "TRUE": is_true, "HERE": here}
    told = fragments.run(SCRIPT, own).splitlines()
    return [line.partition("=<")[2][:-1] for line in told[:3]], told[3:]


def test_lines_when_python_writes_them_then_they_are_those_of_this_test() -> None:
    """The test's own file has every line that Python's has."""
    assert tuple(LINES) == tuple(session_file.NAMES)


def test_session_when_whole_then_is_warm_and_its_first_lines_are_exported(tmp_path: Path) -> None:
    """Nothing of the rest reaches the shell."""
    put(tmp_path, text_of())
    (state, renew_at, _), exported = found(tmp_path)
    assert (state, renew_at) == WARM
    assert exported == [f"{name}={LINES[name]}" for name in EXPORTED]


def test_session_when_it_has_no_region_then_none_is_exported(tmp_path: Path) -> None:
    """An empty AWS_REGION would hide the person's own."""
    put(tmp_path, text_of(AWS_REGION="", AWS_DEFAULT_REGION=""))
    (state, *_), exported = found(tmp_path)
    assert state == "warm"
    assert exported == [f"{name}={LINES[name]}" for name in EXPORTED if not name.endswith("REGION")]


@pytest.mark.parametrize(
    ("changed", "state", "renew_at"),
    [
        ({"ROLECALL_EXPIRES": str(NOW + 120)}, *WARM),
        ({"ROLECALL_EXPIRES": str(NOW + 119)}, "stale", WARM[1]),
        ({"ROLECALL_EXPIRES": str(NOW + 1)}, "stale", WARM[1]),
        ({"ROLECALL_EXPIRES": str(NOW)}, "none", WARM[1]),
        ({"ROLECALL_RENEW_AT": str(NOW)}, "soft", str(NOW)),
        ({"ROLECALL_RENEW_AT": str(NOW + 1)}, "warm", str(NOW + 1)),
        ({"ROLECALL_INPUTS": "1235"}, "stale", WARM[1]),
        ({"ROLECALL_EXPIRES": "999999999999"}, *WARM),
        ({"ROLECALL_RENEW_AT": "999999999999"}, "warm", "999999999999"),
    ],
)
def test_session_when_time_goes_on_then_its_state_is_that_of_its_time(
    tmp_path: Path, changed: dict[str, str], state: str, renew_at: str
) -> None:
    """Under two minutes it is exported and another is fetched; from its renewal on one is fetched behind."""
    put(tmp_path, text_of(**changed))
    assert found(tmp_path)[0][:2] == [state, renew_at]


@pytest.mark.parametrize("is_true", ["", "1"])
def test_session_when_the_project_was_edited_then_it_is_only_better_than_none(
    tmp_path: Path, is_true: str
) -> None:
    """It stays until there is another."""
    put(tmp_path, text_of())
    assert found(tmp_path, is_true=is_true)[0][0] == ("warm" if is_true else "stale")


@pytest.mark.parametrize(
    "changed",
    [
        {"AWS_ACCESS_KEY_ID": ""},
        {"AWS_SECRET_ACCESS_KEY": ""},
        {"AWS_SESSION_TOKEN": ""},
        {"AWS_ACCOUNT_ID": ""},
        {"ROLECALL_ROLE": "prod"},
        {"ROLECALL_ENVIRON": "x"},
        {"ROLECALL_EXPIRES": ""},
        {"ROLECALL_RENEW_AT": ""},
        {"ROLECALL_EXPIRES": f"0{NOW + 3600}"},
        {"ROLECALL_RENEW_AT": f"0{NOW}"},
        {"ROLECALL_EXPIRES": "9" * 13},
        {"ROLECALL_RENEW_AT": "9" * 13},
        {"ROLECALL_EXPIRES": "_rolecall_now+99"},
        {"ROLECALL_RENEW_AT": "_rolecall_now"},
        {"ROLECALL_PROTECTED": "1"},
        {"ROLECALL_RIGHTS": "elevated"},
        {"AWS_REGION": "eu west"},
        {"AWS_REGION": "$HOME"},
        {"AWS_SESSION_TOKEN": "t\x1b[2J"},
        {"AWS_SECRET_ACCESS_KEY": "s`id`"},
        {"MORE": "1"},
        {"AWS_SESSION_TOKEN": "t" * 66_000},
    ],
    ids=str,
)
def test_session_when_one_line_is_wrong_then_there_is_none(tmp_path: Path, changed: dict[str, str]) -> None:
    """Each line is looked at for itself: all others are right."""
    put(tmp_path, text_of(**changed))
    (state, *_), exported = found(tmp_path)
    assert (state, [line for line in exported if line in text_of().splitlines()][8:]) == ("none", [])


def test_session_when_the_environment_cannot_be_looked_into_then_nobodys_is_taken(tmp_path: Path) -> None:
    """Where bash can write no temporary file, the session of the project's own keys is not this one's."""
    put(tmp_path, text_of())
    script = SCRIPT.replace("identity=named", "identity=").replace(
        "read_fragment", "read_nothing\nread_fragment"
    )
    unread = "read_nothing() { _rolecall_read_cold() { return 1; }; }\n"
    own = {"FOLDER": str(tmp_path), "TERMINAL": "", "TRUE": "1", "HERE": ""}
    assert fragments.run(unread + script, own).splitlines()[0] == "_rolecall_state=<none>"


@pytest.mark.parametrize("name", ["ROLECALL_EXPIRES", "ROLECALL_RENEW_AT"])
def test_session_when_a_moment_hides_a_command_then_it_is_not_run(tmp_path: Path, name: str) -> None:
    """In arithmetic, bash runs what stands in a subscript; two guards stand before that."""
    put(tmp_path, text_of(**{name: "a[$(>$FOLDER/hacked)]"}))
    assert found(tmp_path)[0][0] == "none"
    assert not (tmp_path / "hacked").exists()


@pytest.mark.parametrize(
    "spoilt",
    [
        lambda text: text[:-1],
        lambda text: text.replace("\n", "\n\n", 1),
        lambda text: text.replace("\n", "\0\n", 1),
        lambda text: f"{text}\0",
        lambda text: text.partition("\n")[2],
        lambda text: text.replace("ROLECALL_PROTECTED=\n", ""),
    ],
    ids=["cut", "an empty line", "a NUL", "a NUL at its end", "the first line", "protection"],
)
def test_session_when_its_text_is_not_whole_then_there_is_none(
    tmp_path: Path, spoilt: Callable[[str], str]
) -> None:
    """One that lacks a line could have lost its protection."""
    put(tmp_path, spoilt(text_of()))
    assert found(tmp_path)[0][0] == "none"


PROTECTED = text_of(ROLECALL_PROTECTED="1", ROLECALL_RENEW_AT=str(NOW - 1))
ELEVATED = text_of(ROLECALL_RIGHTS="elevated", ROLECALL_RENEW_AT=str(NOW - 1))


@pytest.mark.parametrize(
    ("place", "text", "told"),
    [
        ("held/7-9/dev.env", PROTECTED, ["warm", str(NOW + 3600 - 119)]),
        ("elevated/7-9/dev.env", ELEVATED, ["warm", str(NOW + 3600)]),
        ("held/7-8/dev.env", PROTECTED, ["none", ""]),
        ("elevated/7-9/dev.env", PROTECTED, ["none", ""]),
        ("held/7-9/dev.env", ELEVATED, ["none", ""]),
        ("held/7-9/dev.env", text_of(), ["none", ""]),
    ],
    ids=["held", "elevated", "another's", "protected in the wrong place", "elevated so", "plain so"],
)
def test_session_when_a_terminal_holds_it_then_it_is_only_that_terminals(
    tmp_path: Path, place: str, text: str, told: list[str]
) -> None:
    """Nobody renews it: the next thing to happen is its end."""
    put(tmp_path, text, place)
    assert found(tmp_path, terminal="7-9")[0][:2] == told
    assert found(tmp_path)[0][0] == "none"


@pytest.mark.parametrize(("here", "kept"), [("aws/eu-west-3", "aws/eu-west-3"), ("aws-cn/cn-north-1", "")])
def test_region_when_it_is_of_another_partition_then_it_is_not_this_roles(
    tmp_path: Path, here: str, kept: str
) -> None:
    """A region that the terminal chose for a role of another partition."""
    put(tmp_path, text_of())
    assert found(tmp_path, here=here)[0][2] == kept
