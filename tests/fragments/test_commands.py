"""`00-commands.sh`: where the programs of a `cd` are looked for."""

from pathlib import Path

import pytest

from support import fragments

SHOW = 'read_fragment 00-commands.sh; echo "$_rolecall_path"'


@pytest.mark.parametrize(
    ("path", "kept"),
    [
        ("/usr/bin:/bin", "/usr/bin:/bin"),
        ("/usr/bin:{top}s:/bin", "/usr/bin:{top}s:/bin"),  # only begins like it
        ("{home}/bin:/bin", "{home}/bin:/bin"),
        ("/usr/bin:/a b:/bin", "/usr/bin:/a b:/bin"),
        ("{top}:/bin", "/bin"),
        ("/bin:{top}/tools", "/bin"),
        ("/bin:{top}/sub/shop/.venv/bin:/usr/bin", "/bin:/usr/bin"),
        ("bin:/bin", "/bin"),
        ("/bin:bin", "/bin"),
        ("/bin::/usr/bin", "/bin:/usr/bin"),
        (":/bin", "/bin"),
        ("/bin:", "/bin"),
        ("", ""),
        ("/x/../bin:/bin", "/bin"),
        (".", ""),
    ],
)
def test_path_when_it_holds_what_a_pull_can_bring_then_only_that_is_left_out(
    tmp_path: Path, path: str, kept: str
) -> None:
    """The repository is that of the project, not the person's home, which may be one of its own."""
    home, top = tmp_path, tmp_path / "work"
    root = top / "sub/shop"
    root.mkdir(parents=True)
    for folder in (home, top):
        (folder / ".git").mkdir()
    values = {"top": top, "home": home}
    own = {"HOME": str(home), "ROOT": str(root)}
    told = fragments.run(f"PATH='{path.format(**values)}'; {SHOW}", own)
    assert told == kept.format(**values)


def test_path_when_all_of_it_is_the_systems_then_nothing_more_is_read() -> None:
    """A warm `cd` pays for one look at it."""
    script = f"_rolecall_read_cold() {{ echo \"reads $1\"; return 1; }}; PATH=/usr/bin:'/a b':/bin; {SHOW}"
    assert fragments.run(script) == "/usr/bin:/a b:/bin"


def test_path_when_the_part_cannot_be_read_then_is_the_systems() -> None:
    """An older bash writes it to a temporary file, and a disk may be full."""
    script = f"_rolecall_read_cold() {{ return 1; }}; PATH=bin:$PATH; {SHOW}"
    assert fragments.run(script) == "/usr/bin:/bin"
