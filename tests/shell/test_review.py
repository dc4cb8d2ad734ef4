"""A pull that changes what runs on `cd`: said, shown in full by approved code, and approved or not."""

import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from rolecall.system.disk import paths
from rolecall.workstation.envrc import use_line
from support import ROLES_TOML, Sts, write_env
from support.terminals import TASKS, Rendered, Terminal
from support.upstream import Upstream, upstream_of

ROOT = Path(__file__).resolve().parents[2]
APPROVE = """\
import os, sys
from pathlib import Path
from rolecall.workstation.direnv_lib import step as direnv_lib
from rolecall.workstation.envrc import approval, step
from rolecall.workstation.steps.journal import Journal
from rolecall.workstation.steps.step import Answers, Context
root = Path(sys.argv[1])
context = Context(root, Answers(yes=True), journal=Journal(root, os.environ).append)
step.apply(context)
direnv_lib.apply(context)
approval.apply(context)
"""
ASK = r"Approve what has changed in [^?]*\? \[y"
PAGE = "Enter for more, q to stop"
Open = Callable[[str], Terminal]


def approved(root: Path, source: Path) -> Rendered:
    """Render and approve the project at `root` as setup does, by the rolecall in `source`."""
    environ = {**os.environ, "PYTHONPATH": str(source), "PYTHONDONTWRITEBYTECODE": "1"}
    argv = [sys.executable, "-c", APPROVE, str(root)]
    subprocess.run(argv, env=environ, check=True, capture_output=True, cwd="/")
    return Rendered(root, paths.runtime_dir(paths.project_key(root)))


@pytest.fixture
def checkout(make_checkout: Callable[[str], tuple[Rendered, Upstream]]) -> tuple[Rendered, Upstream]:
    """Make a project that holds rolecall's own package, approved, with a remote."""
    return make_checkout("")


@pytest.fixture
def make_checkout(direnv: str, sts: Sts, tmp_path: Path) -> Callable[[str], tuple[Rendered, Upstream]]:
    """Return a function that makes one, with an `.envrc` of the team's where its text is given."""
    return lambda envrc: _checkout(sts, tmp_path, envrc)


def _checkout(sts: Sts, tmp_path: Path, envrc: str) -> tuple[Rendered, Upstream]:
    root = tmp_path / "my röll"
    ignored = shutil.ignore_patterns("__pycache__")
    for name in ("src/rolecall", "templates", "envrc.d"):
        shutil.copytree(ROOT / name, root / name, ignore=ignored)
    (root / "envrc.d/roles.toml").write_text(ROLES_TOML)
    (root / "tasks.py").write_text("from rolecall.tasks import namespace\n")
    write_env(root, sts.env_file())
    if envrc:
        (root / ".envrc").write_text(envrc)
    upstream = upstream_of(root)
    return approved(root, root / "src"), upstream


@pytest.fixture
def shop(direnv: str, sts: Sts, tmp_path: Path) -> tuple[Rendered, Upstream]:
    """Make a project with a fragment of its own, approved by the rolecall of this test, with a remote."""
    root = tmp_path / "my shöp"
    (root / "envrc.d").mkdir(parents=True)
    (root / "envrc.d/roles.toml").write_text(ROLES_TOML)
    (root / "envrc.d/60-own.sh").write_text("# shellcheck shell=bash\nexport OWN=1\n")
    (root / "tasks.py").write_text("from rolecall.tasks import namespace\n")
    write_env(root, sts.env_file())
    upstream = upstream_of(root)
    return approved(root, ROOT / "src"), upstream


def review(terminal: Terminal, command: str, answer: str) -> str:
    """Type the command, look at every page, give the answer; return what was shown."""
    terminal.child.sendline(command)
    shown = ""
    while terminal.child.expect([PAGE, ASK]) == 0:
        shown += str(terminal.child.before)
        terminal.child.sendline("")
    shown += str(terminal.child.before)
    terminal.child.sendline(answer)
    return shown + terminal.run("true")


# The first approval

MAY = r"May direnv run \.envrc on `cd` into this folder\? y, n, or \? to read every line: "


def test_approval_when_it_is_the_first_then_it_is_in_words_and_pages(
    direnv: str, sts: Sts, tmp_path: Path, open_terminal: Open
) -> None:
    """What was typed ahead and Enter are no answer, `?` shows every line, n and Ctrl-D approve nothing."""
    root = tmp_path / "shop"
    (root / "envrc.d").mkdir(parents=True)
    (root / "envrc.d/roles.toml").write_text(ROLES_TOML)
    (root / "envrc.d/60-own.sh").write_text("# shellcheck shell=bash\nexport OWN=1 # \x1b[8mhidden\n")
    (root / "tasks.py").write_text(TASKS)
    write_env(root, sts.env_file())
    terminal = open_terminal("bash")
    terminal.run(f"cd '{root}'")
    terminal.child.sendline(f"{sys.executable} -m invoke render")
    terminal.child.send("y\ny\n")
    terminal.child.expect(MAY)
    shown = str(terminal.child.before)
    assert re.search(r"50-session +Loads the session: it is on disk, or `rolecall assume` gets it", shown)
    assert "a part of this project, envrc.d/60-own.sh, in full:" in shown
    assert "| export OWN=1 # <U+001B>[8mhidden" in shown
    assert shown.count("\n") < 42
    terminal.child.sendline("")
    terminal.child.expect(MAY)
    terminal.child.sendline("?")
    whole = ""
    while terminal.child.expect([PAGE, MAY]) == 0:
        whole += str(terminal.child.before)
        terminal.child.sendline("")
    assert 'unset -v "${!_rolecall_@}"' in whole + str(terminal.child.before)
    terminal.child.sendline("n")
    assert ".envrc is not approved" in terminal.run("true")
    assert "OWN" not in Rendered(root, root).cd().exports
    terminal.child.sendline(f"{sys.executable} -m invoke render")
    terminal.child.expect(MAY)
    terminal.child.send("\x04")
    assert "was not answered" in terminal.run("true")
    terminal.child.sendline(f"{sys.executable} -m invoke render")
    terminal.child.expect(MAY)
    terminal.child.sendline("y")
    assert terminal.run("true")
    assert Rendered(root, root).cd().exports["OWN"] == "1"


# rolecall in the project itself


@pytest.mark.parametrize("envrc", ["", f"{use_line.LINE}\n"], ids=["rendered", "line"])
def test_review_when_rolecall_itself_was_pulled_then_approved_code_shows_it(
    make_checkout: Callable[[str], tuple[Rendered, Upstream]], open_terminal: Open, envrc: str
) -> None:
    """Neither the changed package nor a changed tasks.py runs before the yes; then it does."""
    rendered, upstream = make_checkout(envrc)
    hacked = rendered.root / "hacked"
    evil = f"\nopen({str(hacked)!r}, 'w').close()\n"
    token = rendered.cd().exports["AWS_SESSION_TOKEN"]
    names = ("src/rolecall/errors.py", "src/rolecall/workstation/review/run.py", "tasks.py")
    upstream.pull({name: (rendered.root / name).read_text() + evil for name in names})
    assert rendered.cd().exports["AWS_SESSION_TOKEN"] == token
    rendered.session().unlink()
    (line,) = rendered.cd().lines
    command = re.search(r"\(try: (.*)\)", line)
    assert command, line
    terminal = open_terminal("bash")
    shown = review(terminal, command[1], "n")
    assert "=== src/rolecall/errors.py (changed)" in shown
    assert "+open(" in shown
    assert "nothing was approved" in shown
    assert not hacked.exists()
    assert "AWS_ACCESS_KEY_ID" not in rendered.cd().exports
    assert "approved" in review(terminal, command[1], "y")
    assert hacked.exists()
    assert rendered.cd().exports["ROLECALL_ROLE"] == "dev"
    assert "nothing has changed" in terminal.run(command[1])


def test_review_when_it_is_typed_as_a_task_then_the_approved_copy_answers(
    checkout: tuple[Rendered, Upstream],
) -> None:
    """`invoke review` hands over to the approved copy before it looks at anything."""
    rendered, upstream = checkout
    name = "src/rolecall/workstation/review/difference.py"
    text = (rendered.root / name).read_text()
    upstream.pull({name: text.replace('yield ""', 'yield "NOTHING TO SEE HERE"')})
    argv = [sys.executable, "-m", "invoke", "review"]
    environ = {**os.environ, "PYTHONPATH": str(rendered.root / "src")}
    done = subprocess.run(argv, cwd=rendered.root, env=environ, capture_output=True, text=True, check=False)
    assert (done.returncode, "=== src/rolecall/workstation/review/difference.py" in done.stderr) == (2, True)
    assert "NOTHING TO SEE HERE" not in done.stderr.splitlines()
    assert "nobody can answer here" in done.stderr


def test_review_when_a_bare_python_starts_it_then_nothing_is_installed_first(
    checkout: tuple[Rendered, Upstream],
) -> None:
    """To install the project is to run what its pyproject.toml names."""
    rendered, upstream = checkout
    errors = (rendered.root / "src/rolecall/errors.py").read_text()
    files = {name: (ROOT / name).read_text() for name in ("tasks.py", "pyproject.toml")}
    upstream.pull({**files, "src/rolecall/errors.py": f"{errors}# changed\n"})
    argv = [sys.executable, "tasks.py", "review"]
    done = subprocess.run(argv, cwd=rendered.root, capture_output=True, text=True, check=False)
    assert (done.returncode, "+# changed" in done.stderr) == (2, True), done.stderr
    assert not (rendered.root / ".venv").exists()


def test_review_when_the_package_holds_a_link_then_it_is_shown_and_refused(
    checkout: tuple[Rendered, Upstream], open_terminal: Open
) -> None:
    """What a link points to could change without a trace."""
    rendered, upstream = checkout
    path = upstream.author / "src/rolecall/errors.py"
    path.unlink()
    path.symlink_to("/etc/hostname")
    upstream.pull({})
    (line,) = [line for line in rendered.cd(ROLECALL_ROLE="prod").lines if "try:" in line]
    command = re.search(r"\(try: (.*)\)", line)
    assert command, line
    shown = review(open_terminal("bash"), command[1], "y")
    assert "is a link" in shown


# Fragments, roles, policies


def test_review_when_a_fragment_would_hide_a_line_then_every_character_is_shown(
    shop: tuple[Rendered, Upstream], open_terminal: Open
) -> None:
    """Escapes, C1, a carriage return, bidi and invisible letters stand there in words."""
    rendered, upstream = shop
    evil = "touch hacked \x1b[1A\x1b[2K\x9b2K # \u202egnihton\u202c\u200b\u3164\r# ok\n"
    upstream.pull({"envrc.d/60-own.sh": f"export OWN=2\n{evil}"})
    terminal = open_terminal("bash")
    terminal.run(f"cd '{rendered.root}'")
    shown = review(terminal, "invoke review", "n")
    assert (
        "+touch hacked <U+001B>[1A<U+001B>[2K<U+009B>2K # <U+202E>gnihton<U+202C><U+200B><U+3164><U+000D># ok"
        in shown
    )
    assert not (rendered.root / "hacked").exists()
    assert rendered.cd().exports["OWN"] == "1"


def test_review_when_approved_then_the_new_fragment_runs(
    shop: tuple[Rendered, Upstream], open_terminal: Open
) -> None:
    """One yes, and the next `cd` has it; a second review has nothing to show."""
    rendered, upstream = shop
    upstream.pull({"envrc.d/60-own.sh": "# shellcheck shell=bash\nexport OWN=2\n"})
    terminal = open_terminal("bash")
    terminal.run(f"cd '{rendered.root}'")
    assert "direnv may run .envrc" in review(terminal, "invoke review", "y")
    assert rendered.cd().exports["OWN"] == "2"
    assert "nothing has changed since you approved it" in terminal.run("invoke review")


def test_review_when_roles_and_a_policy_changed_then_both_are_shown_and_approved(
    shop: tuple[Rendered, Upstream], open_terminal: Open
) -> None:
    """The text of the change, and in words what waits for it."""
    rendered, upstream = shop
    rendered.cd()
    moved = ROLES_TOML.replace("111122223333", "123456789012") + 'session_policy = "prod.json"\n'
    upstream.pull({"envrc.d/roles.toml": moved, "envrc.d/prod.json": '{"Statement": []}\n'})
    terminal = open_terminal("bash")
    terminal.run(f"cd '{rendered.root}'")
    shown = review(terminal, "invoke review", "y")
    assert "=== envrc.d/prod.json (new)" in shown
    assert '+role_arn = "arn:aws:iam::123456789012:role/dev"' in shown
    assert "! role dev is in account 123456789012; it was in 111122223333" in shown
    assert rendered.cd().exports["AWS_ACCOUNT_ID"] == "123456789012"


# Said on `cd`


def test_cd_when_a_fragment_was_pulled_then_it_says_so_and_runs_the_one_before(
    shop: tuple[Rendered, Upstream], open_terminal: Open
) -> None:
    """In one line, at each `cd` until the review, and at the next prompt of an open terminal."""
    rendered, upstream = shop
    terminal = open_terminal("bash")
    terminal.run(f"cd '{rendered.root}'")
    assert terminal.value("OWN") == "1"
    upstream.pull({"envrc.d/60-own.sh": "export OWN=2\n"})
    says = "envrc.d/60-own.sh is not as you approved it; the .envrc of before runs (try: rolecall review)"
    assert says in terminal.run("true") + terminal.run("true")
    for _ in "12":
        loaded = rendered.cd()
        assert loaded.exports["OWN"] == "1"
        assert [line for line in loaded.lines if says in line] == loaded.lines[1:]
    review(terminal, "invoke review", "y")
    assert len(rendered.cd().lines) == 1


def test_review_when_tasks_py_was_pulled_too_then_the_command_that_is_named_does_not_load_it(
    shop: tuple[Rendered, Upstream], open_terminal: Open
) -> None:
    """`invoke review` would: Invoke loads the project's tasks before it knows which one is asked for."""
    rendered, upstream = shop
    evil = f"{TASKS}open('hacked', 'w').close()\n"
    moved = ROLES_TOML.replace("111122223333", "123456789012")
    terminal = open_terminal("bash")
    terminal.run(f"cd '{rendered.root}'")
    upstream.pull({"envrc.d/60-own.sh": "export OWN=2\n", "envrc.d/roles.toml": moved, "tasks.py": evil})
    said = terminal.run("true") + terminal.run("true")
    commands = re.findall(r"\((?:try: )?([^()]*)\)\r?\n", said)
    assert commands == 2 * ["rolecall review"], said
    review(terminal, commands[0], "n")
    assert not (rendered.root / "hacked").exists()


def test_cd_when_a_fragment_is_new_or_gone_then_it_says_so(shop: tuple[Rendered, Upstream]) -> None:
    """Neither runs, or stops running, unseen."""
    rendered, upstream = shop
    upstream.pull({"envrc.d/70-new.sh": "export OWN=3\n"})
    loaded = rendered.cd()
    assert "envrc.d/70-new.sh is not as you approved it" in loaded.said
    assert loaded.exports["OWN"] == "1"
    upstream.pull({"envrc.d/70-new.sh": None, "envrc.d/60-own.sh": None})
    assert "envrc.d/60-own.sh is gone" in rendered.cd().said


def test_cd_when_a_branch_came_and_went_then_it_is_silent(shop: tuple[Rendered, Upstream]) -> None:
    """A newer file with the text of before is the file of before."""
    rendered, upstream = shop
    text = (rendered.root / "envrc.d/60-own.sh").read_text()
    upstream.pull({"envrc.d/60-own.sh": "export OWN=2\n"})
    upstream.pull({"envrc.d/60-own.sh": text})
    later = time.time() + 60
    os.utime(rendered.root / "envrc.d/60-own.sh", (later, later))
    assert len(rendered.cd().lines) == 1


def test_cd_when_a_template_was_pulled_then_it_says_so(checkout: tuple[Rendered, Upstream]) -> None:
    """Also where it is rolecall's own."""
    rendered, upstream = checkout
    text = (rendered.root / "templates/envrc.j2").read_text()
    upstream.pull({"templates/envrc.j2": text + "touch hacked\n"})
    assert "templates/envrc.j2 is not as you approved it" in rendered.cd().said


@pytest.mark.parametrize("is_same", [True, False], ids=["same", "other"])
def test_cd_when_rolecall_was_upgraded_then_it_says_so_where_envrc_would_change(
    direnv: str, sts: Sts, tmp_path: Path, open_terminal: Open, *, is_same: bool
) -> None:
    """Nothing where the fragments of the new version are those of before."""
    site, root = tmp_path / "site", tmp_path / "shop"
    shutil.copytree(ROOT / "src/rolecall", site / "rolecall", ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("envrc.d", "templates"):
        shutil.copytree(ROOT / name, site / "rolecall/packaged" / name)
    (site / "rolecall-0.1.dist-info").mkdir()
    (root / "envrc.d").mkdir(parents=True)
    (root / "envrc.d/roles.toml").write_text(ROLES_TOML)
    write_env(root, sts.env_file())
    rendered = approved(root, site)
    assert len(rendered.cd().lines) == 1
    (site / "rolecall-0.1.dist-info").rename(site / "rolecall-0.2.dist-info")
    if is_same:
        assert len(rendered.cd().lines) == 1
        return
    with (site / "rolecall/packaged/envrc.d/80-venv.sh").open("a") as fragment:
        fragment.write("export UPGRADED=1\n")
    loaded = rendered.cd()
    assert "rolecall has another version; the .envrc of before runs (try: rolecall review)" in loaded.said
    assert "UPGRADED" not in loaded.exports
    command = f'PYTHONPATH={site} {sys.executable} -c \'{REVIEW}(__import__("pathlib").Path("{root}"))\''
    assert "+export UPGRADED=1" in review(open_terminal("bash"), command, "y")
    assert rendered.cd().exports["UPGRADED"] == "1"
    assert len(rendered.cd().lines) == 1


def test_review_when_nobody_can_answer_then_shows_and_ends_with_2(shop: tuple[Rendered, Upstream]) -> None:
    """A CI job may look; it cannot approve."""
    rendered, upstream = shop
    upstream.pull({"envrc.d/60-own.sh": "export OWN=2\n"})
    argv = [sys.executable, "-m", "invoke", "review"]
    done = subprocess.run(argv, cwd=rendered.root, capture_output=True, text=True, check=False)
    assert (done.returncode, "+export OWN=2" in done.stderr) == (2, True)
    assert rendered.cd().exports["OWN"] == "1"


@pytest.mark.parametrize(
    "files",
    [
        {"app/models.py": "x = 1\n", "conftest.py": "", "noxfile.py": ""},
        {"templates/index.html": "{{ evil }}", "templates/base/x.j2": "", "app/templates/envrc.j2": "x"},
        {"app/__init__.py": "", "envrc.d/__init__.py": "", "envrc.d/README.md": "# us\n", "__init__.py": ""},
        {
            "pyproject.toml": "[project]\nname='x'\nversion='1'\n",
            "Makefile": "all:\n",
            "tasks.py": f"{TASKS}x = 2\n",
        },
    ],
    ids=["module", "templates", "package", "others"],
)
def test_pull_when_it_is_an_everyday_edit_then_nobody_is_asked(
    shop: tuple[Rendered, Upstream], files: dict[str, str], open_terminal: Open
) -> None:
    """What does not run on `cd` does not ask: the role is there, and the review has nothing to show."""
    rendered, upstream = shop
    rendered.cd()
    upstream.pull(files)
    rendered.session().unlink()
    loaded = rendered.cd()
    assert loaded.exports["ROLECALL_ROLE"] == "dev"
    assert len(loaded.lines) == 1, loaded.said
    argv = [sys.executable, "-c", f"from pathlib import Path; {REVIEW}(Path({str(rendered.root)!r}))"]
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    assert "nothing has changed since you approved it" in done.stderr


REVIEW = "import rolecall.workstation.review.run as run; run.review"
