"""`20-project.load.sh`: what of the snapshot is believed, and whether it is still true."""

import os
from pathlib import Path

import pytest

from support import fragments

SCRIPT = """
_rolecall_dir=$FOLDER/run _rolecall_root=$FOLDER/root
OPTIONS
read_fragment 20-project.load.sh
show _rolecall_inputs _rolecall_default _rolecall_identity _rolecall_delivery
show _rolecall_is_true _rolecall_has_locale
printf 'env: %s\\n' ${_rolecall_env[@]+"${_rolecall_env[@]}"}
printf 'refused: %s\\n' ${_rolecall_refused[@]+"${_rolecall_refused[@]}"}
printf 'watch: %s\\n' "${_rolecall_watch[@]}"
[[ $IFS == $' \\t\\n' ]] || echo "IFS is another"
"""
FILES = (".env", "envrc.d/roles.toml", "policy.json")
TEXT = """@format=2
@inputs=1234
@default=dev
@identity=named
@delivery=profile
@input=.env
@input=envrc.d/roles.toml
@input=policy.json
A=1 2
B=*
@refused=UID in .env is not set
@end
"""
READ = [
    "_rolecall_inputs=<1234>",
    "_rolecall_default=<dev>",
    "_rolecall_identity=<named>",
    "_rolecall_delivery=<profile>",
    "_rolecall_is_true=<1>",
    "_rolecall_has_locale=<>",
    "env: A=1 2",
    "env: B=*",
    "refused: UID in .env is not set",
]
NONE = [
    "_rolecall_inputs=<>",
    "_rolecall_default=<>",
    "_rolecall_identity=<>",
    "_rolecall_is_true=<>",
    "env: ",
    "refused: ",
]
WATCHED = ["root/.env", "root/envrc.d/roles.toml", "run/project.snapshot"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Make a project that Python has read, with a stamp for each of its files."""
    (tmp_path / "run/stamps").mkdir(parents=True)
    for number, name in enumerate(FILES):
        path = tmp_path / "root" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        stamp = tmp_path / "run/stamps" / str(number)
        for one in (path, stamp):
            one.write_text("")
            os.utime(one, (1_000_000_000 + number, 1_000_000_000 + number))
    return tmp_path


def read(folder: Path, text: str = TEXT, options: str = "") -> list[str]:
    """Return what is known of the project."""
    (folder / "run/project.snapshot").write_bytes(text.encode())
    script = SCRIPT.replace("OPTIONS", options)
    return [
        line.replace(f"{folder}/", "") for line in fragments.run(script, {"FOLDER": str(folder)}).splitlines()
    ]


@pytest.mark.parametrize("options", ["", "set -f", "cd /usr", "unset IFS"])
def test_snapshot_when_whole_then_is_read_and_no_star_becomes_a_file(folder: Path, options: str) -> None:
    """Also where a person's shell has its own options."""
    watched = [f"watch: {name}" for name in (*WATCHED, "root/policy.json")]
    after = ["IFS is another"] if "IFS" in options else []
    assert [line for line in read(folder, options=options) if line not in after] == [*READ, *watched]


def test_options_when_the_snapshot_is_read_then_they_are_as_before(folder: Path) -> None:
    """`set -f` stays, and does not come."""
    for options, flags in (("set -f", True), ("set +f", False)):
        trap = f"{options}\ntrap 'case $- in *f*) echo has-f ;; esac' EXIT"
        assert (read(folder, options=trap)[-1] == "has-f") is flags


@pytest.mark.parametrize(
    "text",
    [
        "",
        TEXT[:-1],
        TEXT.replace("@format=2", "@format=3"),
        TEXT.replace("@format=2\n", ""),
        TEXT.replace("@inputs=1234\n", ""),
        TEXT.replace("@end\n", ""),
        TEXT + "@end\n",
        TEXT.replace("A=1 2", "\nA=1 2"),
        TEXT.replace("A=1 2", "A=1\0 2"),
        TEXT.replace("A=1 2", "PATH=/x"),
        TEXT.replace("A=1 2", "A-B=/x"),
        TEXT.replace("A=1 2", "1A=/x"),
        TEXT.replace("A=1 2", "LD_PRELOAD=/x"),
        TEXT.replace("A=1 2", "_rolecall_now=1"),
        TEXT.replace("A=1 2", "a line"),
        TEXT.replace("A=1 2", "A=\n" * 20_000),
    ],
    ids=lambda text: str(len(text)),
)
def test_snapshot_when_it_is_not_whole_then_nothing_of_it_counts(folder: Path, text: str) -> None:
    """Nor one that holds a name that Python never writes."""
    told = read(folder, text)
    assert [line for line in told if line in NONE] == NONE
    assert [line for line in told if line.startswith(("env: ", "refused: "))] == NONE[-2:]


def test_snapshot_when_it_is_as_long_as_may_be_then_it_counts(folder: Path) -> None:
    """20000 lines."""
    told = read(folder, TEXT.replace("A=1 2", "A=\n" * (20_000 - 12) + "A=1 2"))
    assert told[0] == READ[0]


@pytest.mark.parametrize("name", [*FILES, "@news"])
def test_snapshot_when_a_file_is_another_then_it_is_read_and_no_longer_true(folder: Path, name: str) -> None:
    """Older or newer; and where Python has something to say about roles.toml."""
    told = []
    for when in (999_999_000, 1_000_000_900):
        if name == "@news":
            told.append(read(folder, TEXT.replace("@end", "@news=1\n@end")))
        else:
            os.utime(folder / "root" / name, (when, when))
            told.append(read(folder))
    for lines in told:
        assert lines[:4] == READ[:4]
        assert lines[4] == "_rolecall_is_true=<>"


@pytest.mark.parametrize(("kept", "is_true"), [("neither", True), ("file", False), ("stamp", False)])
def test_snapshot_when_a_file_is_not_there_then_it_is_true_while_that_stays(
    folder: Path, kept: str, *, is_true: bool
) -> None:
    """A project without `.env` is one, too."""
    if kept != "file":
        (folder / "root/.env").unlink()
    if kept != "stamp":
        (folder / "run/stamps/0").unlink()
    assert (read(folder)[4] == "_rolecall_is_true=<1>") is is_true


def test_snapshot_when_env_names_a_locale_then_that_is_known(folder: Path) -> None:
    """Our own parts go on in C."""
    told = read(folder, TEXT.replace("A=1 2", "LC_ALL=C.UTF-8"))
    assert "_rolecall_has_locale=<1>" in told
    assert "env: LC_ALL=C.UTF-8" in told


def test_snapshot_when_it_is_a_link_then_it_is_none(folder: Path) -> None:
    """Another could have put it there."""
    (folder / "run/other").write_text(TEXT)
    (folder / "run/project.snapshot").symlink_to("other")
    told = fragments.run(SCRIPT.replace("OPTIONS", ""), {"FOLDER": str(folder)}).splitlines()
    assert told[0] == "_rolecall_inputs=<>"
