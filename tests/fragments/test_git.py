"""`45-git.sh`, `46-git.cold.sh`: what came with git, asked only where an index is another than before."""

import subprocess
from pathlib import Path

import pytest

from support import fragments

SCRIPT = """
_rolecall_dir=$FOLDER/run
git() { echo asks >&2; command git "$@"; }
read_fragment 45-git.sh
OLDPWD=/before
_rolecall_is_clean "$AT" && echo clean || echo "no: $_rolecall_says"
[[ $PWD == / && $OLDPWD == /before ]] || echo "moved to $PWD, from $OLDPWD"
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Make a repository that holds `in/file` and `top`, and not `out/file`."""
    (tmp_path / "run/stamps").mkdir(parents=True)
    for name in ("in/file", "out/file", "top"):
        path = tmp_path / "repo" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("")
    git(tmp_path / "repo", "init", "-q")
    git(tmp_path / "repo", "add", "in", "top")
    return tmp_path


def git(root: Path, *words: str) -> None:
    """Run git there."""
    subprocess.run(["git", *words], cwd=root, check=True, capture_output=True)


def clean(folder: Path, at: Path, **environ: str) -> str:
    """Return what is answered for `at`."""
    own = {"FOLDER": str(folder), "AT": str(at), **environ}
    return fragments.run(f"cd /\n{SCRIPT}", own)


def stamps(folder: Path) -> list[str]:
    """Return which answers are kept."""
    return sorted(path.name for path in (folder / "run/stamps").iterdir())


@pytest.mark.parametrize(
    ("name", "says"),
    [("in", "no: held"), ("IN", "no: held"), ("in/file", "no: held"), ("out", "clean"), ("none", "clean")],
)
def test_git_when_it_holds_something_there_then_it_is_not_clean(folder: Path, name: str, says: str) -> None:
    """However it is spelled: a disk may not tell capitals apart. Only a good answer is kept."""
    assert clean(folder, folder / "repo" / name) == says
    assert stamps(folder) == ([f"{name}-0"] if says == "clean" else [])


def test_git_when_the_whole_repository_is_asked_for_then_any_file_counts(folder: Path) -> None:
    """A `.venv` may be a repository of its own."""
    assert clean(folder, folder / "repo") == "no: held"


def test_git_when_the_index_is_as_before_then_it_is_not_asked(folder: Path) -> None:
    """A warm `cd` starts no git; after the next pull one does."""
    out = folder / "repo/out"
    assert clean(folder, out) == "clean"
    hidden = folder / "no-git"
    hidden.mkdir()
    assert (
        fragments.run(f"_rolecall_path={hidden}\ncd /\n{SCRIPT}", {"FOLDER": str(folder), "AT": str(out)})
        == "clean"
    )
    git(folder / "repo", "add", "out")
    assert clean(folder, out) == "no: held"


def test_git_when_the_folder_is_a_link_then_both_places_are_looked_at(folder: Path) -> None:
    """What it links to may be in a repository, too."""
    (folder / "outside").symlink_to(folder / "repo/in")
    (folder / "repo/link").symlink_to(folder / "run")
    assert clean(folder, folder / "outside") == "no: held"
    assert clean(folder, folder / "repo/link") == "clean"
    git(folder / "repo", "add", "link")
    assert clean(folder, folder / "repo/link") == "no: held"


def test_git_when_the_link_leads_nowhere_then_it_is_not_clean(folder: Path) -> None:
    """Nobody knows what will be there."""
    (folder / "outside").symlink_to("nowhere")
    assert clean(folder, folder / "outside").splitlines()[-1].startswith("no:")


def test_git_when_it_is_at_work_then_it_cannot_say(folder: Path) -> None:
    """A pull is just writing the index."""
    (folder / "repo/.git/index.lock").write_text("")
    says = f"no: git is at work in {folder / 'repo'}, so it cannot say what came with it"
    assert clean(folder, folder / "repo/out") == says


def test_git_when_the_checkout_is_a_worktree_then_its_own_index_counts(folder: Path) -> None:
    """A file says where that is."""
    git(folder / "repo", "-c", "user.name=a", "-c", "user.email=a@b", "commit", "-qm", "one")
    git(folder / "repo", "worktree", "add", "-q", str(folder / "tree"))
    (folder / "tree/out").mkdir()
    assert clean(folder, folder / "tree/out") == "clean"
    assert clean(folder, folder / "tree/in") == "no: held"
    own = folder / "repo/.git/worktrees/tree/index.lock"
    own.write_text("")
    assert "git is at work" in clean(folder, folder / "tree/out")


def test_git_when_the_repository_is_in_another_one_then_each_is_asked(folder: Path) -> None:
    """The outer one may hold what the inner one does not."""
    inner = folder / "repo/in"
    (inner / "own").write_text("")
    git(inner, "init", "-q")
    git(inner, "add", "own")
    assert clean(folder, inner / "none") == "clean"
    assert stamps(folder) == ["none-0", "none-1"]
    assert clean(folder, inner / "file") == clean(folder, inner / "own") == "no: held"


def test_git_when_it_is_no_repository_then_there_is_nothing_to_bring(folder: Path) -> None:
    """An empty folder `.git`; but where git ends otherwise, it is not clean, and the line says why."""
    (folder / "plain/.git").mkdir(parents=True)
    assert clean(folder, folder / "plain/bin") == "clean"
    (folder / "repo/.git/config").write_text("[core")
    told = clean(folder, folder / "repo/out")
    assert told.startswith("no: git cannot say what came with it: ")
    assert "\n" not in told


@pytest.mark.parametrize("given", [{"GIT_DIR": "/nowhere"}, {"GIT_INDEX_FILE": "/nowhere"}])
def test_git_when_the_environment_would_lead_it_elsewhere_then_it_does_not(
    folder: Path, given: dict[str, str]
) -> None:
    """A hook of git sets such names."""
    assert clean(folder, folder / "repo/in", **given) == "no: held"
