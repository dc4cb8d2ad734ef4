"""The whole day of a person in somebody's repository, with rolecall as pipx and uv install it."""

import json
import os
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from rolecall.system.disk import paths
from support import foreign
from support.foreign import contents, git
from support.installed import BIN, CHANGED, NEW, OLD, ROOT, Wheels
from support.terminals import Rendered, Terminal

pytestmark = pytest.mark.xdist_group("acceptance")
TOOLS = (
    ".local/share/pipx",
    ".local/share/uv",
    ".local/share/man",
    ".local/state/pipx",
    ".cache",
    ".config/fish/fish_variables",  # fish's own, from its first start
    ".local/share/fish",
    "run",
    "version",
)


class Desk(Terminal):
    """A terminal of the person, in their login shell, with the startup files that setup wrote."""

    patience = 120  # a whole setup with its proof runs in it, on a machine that may be busy

    def _write_rc(self, shell: str) -> None:
        """Leave them alone."""


@pytest.fixture
def open_desk(tmp_path: Path) -> Iterator[Callable[[], Terminal]]:
    """Return a function that opens a new terminal."""
    opened: list[Terminal] = []

    def open_one() -> Terminal:
        opened.append(Desk(Path(os.environ["SHELL"]).name, tmp_path))
        return opened[-1]

    yield open_one
    for terminal in opened:
        terminal.close()


def rolecall(root: Path, *words: str) -> "subprocess.CompletedProcess[str]":
    """Run the command as a script would: nobody can answer."""
    return subprocess.run(
        ["rolecall", *words],
        cwd=root,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


ROLES = ("--profile", "base", "--role-from", "shop-dev", "--role-from", "shop-prod")
TEAMS = [" M .gitignore", "?? envrc.d/"]
DAYS = [
    pytest.param("pipx", "bash", foreign.python, (), TEAMS, id="python-pipx"),
    pytest.param("uv", "zsh", foreign.node, (), TEAMS, id="node-uv-zsh"),
    pytest.param("pipx", "bash", foreign.terraform, ("--envrc", "line"), TEAMS, id="terraform-pipx"),
    pytest.param("uv", "fish", foreign.go, (), ["?? envrc.d/"], id="go-uv-fish"),
    pytest.param("uv", "bash", foreign.layout_python, (), [" M .envrc", *TEAMS], id="envrc-uv"),
]


@dataclass(frozen=True, slots=True)
class Day:
    """One repository, and its person at a desk."""

    home: Path
    root: Path
    tool: str
    wheels: Wheels
    open_desk: Callable[[], Terminal]

    def snapshot(self) -> dict[str, object]:
        """Return every byte and mode of the home and of the repository, and git's view of it."""
        of_root = contents(self.root, without=(".git", ".direnv"))  # the latter is made by `layout python`
        return {
            **contents(self.home, without=TOOLS),
            **of_root,
            "git": self.status(),
            "exclude": self.exclude(),
        }

    def exclude(self) -> str:
        """Return git's own exclude file."""
        return (self.root / ".git/info/exclude").read_text()

    def status(self) -> list[str]:
        """Return what git would say."""
        return git(self.root, "status", "--porcelain").splitlines()

    def committed(self) -> list[str]:
        """Return every line that the team would commit."""
        added = git(self.root, "diff", "-U0", "--no-color").splitlines()
        new = (self.root / "envrc.d/roles.toml").read_text().splitlines()
        return [line[1:] for line in added if line.startswith("+") and line[:3] != "+++"] + new

    def enter_subfolders(self) -> None:
        """Give `envs/prod` a default role of its own, enter it and its neighbour, and take that back."""
        file = self.root / "envs/prod/.envrc"
        file.write_text("source_up\nif has use_rolecall; then use rolecall shop-prod; fi\n")
        approvals = self.home / ".local/share/direnv/allow"
        before = set(approvals.iterdir())
        subprocess.run(["direnv", "allow", str(file)], check=True, capture_output=True)
        terminal, _ = self.enter()
        for name, role in (("prod", "prod"), ("dev", "dev"), ("prod", "prod")):
            terminal.run(f"cd '{self.root}/envs/{name}'")
            assert terminal.value("ROLECALL_ROLE") == f"shop-{role}"
            assert f":assumed-role/{role}/" in terminal.run("rolecall whoami")
        terminal.close()
        file.unlink()
        for path in set(approvals.iterdir()) - before:
            path.unlink()

    def upgrade(self, version: str) -> None:
        """Install that version."""
        (self.home / "version").write_text(version)
        self.wheels.install(self.tool, version)
        assert version in rolecall(self.root, "--version").stdout

    def enter(self) -> tuple[Terminal, list[str]]:
        """Open a terminal, enter the repository, and return what rolecall said there."""
        terminal = self.open_desk()
        shown = terminal.run(f"cd '{self.root}'") + terminal.run("true")
        return terminal, [line for line in shown.splitlines() if line.startswith("rolecall:")]


def held(lines: list[str]) -> list[str]:
    """Return what a `cd` said without the time left, which goes by."""
    return [line.rpartition(" · ")[0] for line in lines]


def different(after: dict[str, object], before: dict[str, object]) -> dict[str, object]:
    """Return what is not as before."""
    names = {name for name in {*after, *before} if after.get(name) != before.get(name)}
    return {name: (before.get(name), after.get(name)) for name in names}


@pytest.fixture
def day(
    request: pytest.FixtureRequest,
    shell: str,
    tmp_path: Path,
    wheels: Wheels,
    open_desk: Callable[[], Terminal],
) -> Day:
    """Make the repository that the test names."""
    root = foreign.make(tmp_path / "a shop é", request.param)
    home = Path.home()
    tool = "pipx" if (home / ".local/share/pipx").exists() else "uv"
    return Day(home, root, tool, wheels, open_desk)


@pytest.mark.parametrize(("desk", "shell", "day", "flags", "added"), DAYS, indirect=["desk", "shell", "day"])
def test_day_when_the_repository_is_somebodys_then_it_ends_as_it_began(
    day: Day, flags: tuple[str, ...], added: list[str]
) -> None:
    """Adopt, cd, whoami, switch, renew, upgrade, teardown: to the byte, the modes included."""
    before, was = day.snapshot(), day.status()
    plan = rolecall(day.root, "setup", "--plan", *ROLES, *flags)
    assert plan.returncode == 2, plan.stderr
    assert "+[roles.shop-dev]" in plan.stdout
    assert different(day.snapshot(), before) == {}
    adopted = rolecall(day.root, "setup", "--yes", *ROLES, *flags)
    assert adopted.returncode == 0, adopted.stderr
    assert "+[roles.shop-dev]" in adopted.stderr
    assert ("tasks.py is yours and stays" in adopted.stderr) is (day.root / "tasks.py").exists()
    assert ("the shell also gets DATABASE_URL, PORT (" in adopted.stderr) is (
        day.root / "compose.yaml"
    ).exists()
    assert sorted(set(day.status()) - set(was)) == added
    assert git(day.root, "diff", "--numstat", "--", ".envrc").split("\t")[1:2] in ([], ["0"])  # none is gone
    assert [line for line in day.committed() if f"+{line}" not in plan.stdout] == []

    if (day.root / "envs").exists():
        day.enter_subfolders()
    terminal, said = day.enter()
    assert held(said) == ["rolecall: shop-dev · 111122223333"]
    assert "assumed-role/dev/" in terminal.run("rolecall whoami")
    terminal.run("rolecall assume shop-prod")
    assert terminal.value("AWS_ACCOUNT_ID") == "444455556666"
    token = terminal.value("AWS_SESSION_TOKEN")
    rendered = Rendered(day.root, paths.runtime_dir(paths.project_key(day.root)))
    rendered.move_times("shop-prod", expires=int(time.time()) - 1)
    later = time.time() + 5  # direnv sees whole seconds only
    os.utime(rendered.session("shop-prod"), (later, later))
    terminal.run("true")
    assert terminal.value("AWS_SESSION_TOKEN") not in ("", token)

    day.upgrade(NEW)
    assert held(day.enter()[1]) == held(said)
    again = json.loads(rolecall(day.root, "setup", "--plan", "--json").stdout)
    assert [step["name"] for step in again["steps"] if step["state"] == "change"] in (
        ["envrc"],
        ["direnv-lib"],
    )
    if day.tool == "pipx":  # one project of each way
        day.upgrade(CHANGED)
        assert "rolecall has another version; " in day.enter()[1][-1]
        assert "of before runs (try: rolecall " in day.enter()[1][-1]
        again_set_up = rolecall(day.root, "setup", "--yes")
        assert again_set_up.returncode == 0, again_set_up.stderr
        assert held(day.enter()[1]) == held(said)

    terminal.run("cd /")
    assert terminal.value("AWS_ACCESS_KEY_ID") == ""
    down = rolecall(day.root, "teardown", "--yes")
    assert down.returncode == 0, down.stderr
    assert different(day.snapshot(), before) == {}


def answered(terminal: Terminal, command: str, *, no_to: str = "nothing") -> list[str]:
    """Type `command`, answer every question with Enter, or yes, and return the questions."""
    terminal.count += 1
    terminal.child.sendline(f"{command}; printf 'done-''%s\\n' {terminal.count}")
    asked = []
    question = r"([^\r\n]*)(\]|\? y, n, or \? to read every line): $"
    while terminal.child.expect([rf"done-{terminal.count}\r?\n", question]) == 1:
        asked.append(str(terminal.child.match.group(1)))
        enter = "n" if no_to in asked[-1] else ""
        terminal.child.sendline("y" if terminal.child.match.group(2) != "]" else enter)
    return asked


@pytest.mark.parametrize("desk", ["uv"], indirect=True)
@pytest.mark.parametrize("day", [foreign.terraform], indirect=True)
def test_colleague_when_the_team_has_adopted_it_then_is_asked_only_what_is_personal(
    day: Day, tmp_path: Path, person: Callable[[Path], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """One command after a clone; a role that a later pull adds is there at the next prompt, unapproved."""
    assert rolecall(day.root, "setup", "--yes", *ROLES).returncode == 0
    git(day.root, "add", "-A")
    git(day.root, "commit", "-qm", "Declare the AWS roles")
    clone, home = tmp_path / "clone", tmp_path / "colleague"
    git(tmp_path, "clone", "-q", str(day.root), str(clone))
    assert rolecall(day.root, "teardown", "--yes").returncode == 0
    assert git(day.root, "status", "--porcelain") == ""  # what is committed stays
    home.mkdir()
    person(home)
    monkeypatch.setenv("PATH", f"{day.home}/.local/bin:{os.environ['PATH']}")
    terminal = day.open_desk()
    terminal.run(f"cd '{clone}'")
    asked = answered(terminal, "rolecall setup")
    assert [question.split(" (")[0] for question in asked] == [
        "A profile of ~/.aws",
        "Also write a profile for each role into your AWS config, for IDEs, Terraform and long runs? [y/N",
        "May direnv run .envrc on `cd` into this folder",
    ]
    assert git(clone, "status", "--porcelain") == ""

    later = day.open_desk()
    later.run(f"cd '{clone}'")
    assert later.value("ROLECALL_ROLE") == "shop-dev"
    with (day.root / "envrc.d/roles.toml").open("a") as file:
        file.write('\n[roles.ops]\nrole_arn = "arn:aws:iam::123456789012:role/ops"\n')
    git(day.root, "commit", "-qam", "Add a role")
    shown = later.run("git pull -q") + later.run("rolecall assume ops") + later.run("true")
    assert later.value("ROLECALL_ROLE") == "ops"
    assert "blocked" not in shown
    assert rolecall(clone, "teardown", "--yes").returncode == 0


@pytest.mark.parametrize("desk", ["uv"], indirect=True)
@pytest.mark.parametrize("day", [foreign.layout_python], indirect=True)
def test_setup_when_a_person_says_no_to_what_it_would_add_then_asked_nothing_personal_before(
    day: Day,
) -> None:
    """What a repository gets is shown before anybody is asked for a key, and nothing is added."""
    before = day.snapshot()
    terminal = day.open_desk()
    terminal.run(f"cd '{day.root}'")
    asked = answered(terminal, "rolecall setup --role-from shop-dev", no_to="Add this?")
    assert [question.split(" [")[0] for question in asked] == ["Add this?"]
    assert different(day.snapshot(), before) == {}
    answers = answered(terminal, "rolecall setup --role-from shop-dev")
    assert [question.split(" (")[0].split(" [")[0] for question in answers[:2]] == [
        "Add this?",
        "A profile of ~/.aws",
    ]
    assert rolecall(day.root, "teardown", "--yes").returncode == 0


@pytest.mark.parametrize("desk", ["pipx"], indirect=True)
@pytest.mark.parametrize("day", [foreign.terraform, foreign.layout_python], indirect=True)
def test_cd_when_a_pull_needs_a_newer_rolecall_then_says_it_in_one_line(day: Day) -> None:
    """By the older rolecall that a colleague has, with a rendered `.envrc` and with `use rolecall`."""
    assert rolecall(day.root, "setup", "--yes", *ROLES).returncode == 0
    terminal, said = day.enter()
    assert held(said) == ["rolecall: shop-dev · 111122223333"]
    roles = day.root / "envrc.d/roles.toml"
    roles.write_text(roles.read_text().replace("[project]\n", '[project]\nrolecall = ">=0.2"\n'))
    shown = terminal.run("true") + terminal.run("true")
    terminal.run("cd /")
    again = day.enter()[1]
    needs = f"rolecall: {roles}:3: this project needs rolecall >=0.2, and this is {OLD}"
    for lines in (shown.splitlines(), again):
        assert [line[: len(needs)] for line in lines if "needs rolecall" in line] == [needs], lines
    assert rolecall(day.root, "teardown", "--yes").returncode == 0


def test_readme_when_its_chapter_is_typed_then_the_role_is_there(
    tmp_path: Path,
    wheels: Wheels,
    person: Callable[[Path], Path],
    open_desk: Callable[[], Terminal],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Each command of "Your own project", by somebody who presses Enter at every question."""
    home = tmp_path / "home"
    home.mkdir()
    person(home)
    for name, value in {**wheels.environ(), "PATH": f"{os.environ['PATH']}:{BIN}"}.items():
        monkeypatch.setenv(name, value)
    root = foreign.make(home / "shop", foreign.node)
    for name, value in (("user.name", "Ann"), ("user.email", "ann@shop.example")):
        git(root, "config", name, value)
    chapter = (
        (ROOT / "README.md").read_text().split("## Your own project")[1].split("```sh\n")[1].split("```")[0]
    )
    terminal = open_desk()
    for line in chapter.replace("/path/to/rolecall", str(wheels.rolecall(OLD))).splitlines():
        answered(terminal, line.partition("   #")[0])
        assert terminal.run("echo $?").split()[-1] in ("0", "2" if "--plan" in line else "0"), line
    assert "envrc.d/roles.toml" in git(root, "show", "--name-only", "HEAD")
    later = open_desk()
    later.run("cd ~/shop")
    assert later.value("ROLECALL_ROLE") == "shop-dev"
