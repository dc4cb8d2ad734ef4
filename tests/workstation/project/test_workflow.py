"""The workflow: valid YAML with the right steps, kept up to date between the marks, never over an edit."""

import dataclasses
import os
import shutil
import subprocess
import textwrap
from pathlib import Path
from typing import Any

import pytest
import yaml

from rolecall.errors import RolecallError
from rolecall.system.disk import files
from rolecall.system.python import origin
from rolecall.workstation.project import made_file, workflow
from rolecall.workstation.steps.journal import Journal
from rolecall.workstation.steps.step import Answers, Context, State

PACKAGE = "rolecall @ git+https://git.example/rolecall@abc123"
ROLES = """\
[project]
default_role = "dev"
[roles.dev]
role_arn = "arn:aws:iam::111122223333:role/dev"
[roles.deploy]
role_arn = "arn:aws:iam::111122223333:role/deploy"
[roles.prod]
role_arn = "arn:aws:iam::444455556666:role/prod"
protected = true
[roles.through]
role_arn = "arn:aws:iam::444455556666:role/through"
source = "prod"
[roles.coded]
role_arn = "arn:aws:iam::444455556666:role/coded"
mfa = true
"""


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """Make a repository with roles."""
    root = tmp_path / "a shop é"
    (root / "envrc.d").mkdir(parents=True)
    (root / "envrc.d/roles.toml").write_text(ROLES)
    subprocess.run(["git", "init", "-q", str(root)], check=True)
    return root


def context(root: Path, **answers: Any) -> Context:
    return Context(root, Answers(**answers), journal=Journal(root, os.environ).append)


def render(root: Path, role: str = "", package: str = PACKAGE, **answers: Any) -> str:
    """Render it, and return the workflow."""
    workflow.step(role, package).apply(context(root, **answers))
    return (root / workflow.FILE).read_text()


def state(root: Path, **answers: Any) -> State:
    return workflow.step().check(context(root, **answers)).state


def steps(text: str) -> list[dict[str, Any]]:
    (job,) = yaml.safe_load(text)["jobs"].values()
    return list(job["steps"])


def test_workflow_when_rendered_then_takes_the_role_with_a_token_and_no_key(shop: Path) -> None:
    """A YAML parser reads it: the permission for a token, the checkout, and the role `deploy`."""
    text = render(shop)
    document = yaml.safe_load(text)
    assert document["permissions"] == {"contents": "read", "id-token": "write"}
    assert [step.get("uses", step.get("name")) for step in steps(text)] == [
        "actions/checkout@v4",
        "Take the AWS role deploy",
        "Say who this job is",
    ]
    assert steps(text)[1]["run"].splitlines() == [
        f"pipx install '{PACKAGE}'",
        "rolecall assume --role deploy --format github",
    ]
    assert state(shop) is State.DONE


@pytest.mark.client("actionlint")
def test_workflow_when_rendered_then_actionlint_finds_nothing(shop: Path) -> None:
    """GitHub's own rules, with a package that has a space and a quote."""
    render(shop, package="./a wheel's x.whl")
    subprocess.run(["actionlint", "-no-color", str(shop / workflow.FILE)], check=True)


def test_workflow_when_the_package_is_strange_then_bash_gets_it_as_one_word(shop: Path) -> None:
    """Through YAML and bash, to the letter."""
    package = './a wheel\'s $x `y` "z".whl'
    run = steps(render(shop, package=package))[1]["run"].replace("pipx install", "printf %s").splitlines()[0]
    assert subprocess.run(["bash", "-ec", run], check=True, capture_output=True, text=True).stdout == package


def test_workflow_when_a_person_edits_around_the_steps_then_it_is_theirs(shop: Path) -> None:
    """A new role in the flags changes what is between the marks, and not a byte beside it."""
    render(shop)
    path = shop / workflow.FILE
    mine = (
        path.read_text().replace("workflow_dispatch:", "push:\n    branches: [main]") + "      - run: make\n"
    )
    path.write_text(mine)
    assert state(shop) is State.DONE
    text = render(shop, "dev", package="")
    assert steps(text)[1]["name"] == "Take the AWS role dev"
    assert text.partition("# >>>")[0] == mine.partition("# >>>")[0]
    assert text.partition("# <<<")[2] == mine.partition("# <<<")[2]
    assert PACKAGE in text


def test_workflow_when_its_steps_stand_in_others_then_each_is_kept_up_to_date(shop: Path) -> None:
    """With its own role and at its own depth; no second file is made."""
    block = render(shop).partition("# >>>")[2].partition("# <<<")[0]
    own = textwrap.dedent(f"{' ' * 6}# >>>{block}# <<< rolecall <<<\n")
    (shop / workflow.FILE).unlink()
    head = "on: push\njobs:\n  build:\n    runs-on: ubuntu-latest\n    steps:\n"
    for name in ("a.yml", "b.yaml"):
        (shop / workflow.FOLDER / name).write_text(head + textwrap.indent(own, " " * 4))
    workflow.step("", "other").apply(context(shop))
    for name in ("a.yml", "b.yaml"):
        text = (shop / workflow.FOLDER / name).read_text()
        assert steps(text)[0]["run"].startswith("pipx install other\n")
    assert not (shop / workflow.FILE).exists()


def test_workflow_when_its_steps_were_edited_then_it_is_drift_and_stays(shop: Path) -> None:
    """Written over only where the person says so; `keep` says that it is right."""
    path = shop / workflow.FILE
    edited = render(shop).replace("pipx install", "pipx install --verbose")
    path.write_text(edited)
    found = workflow.step().check(context(shop))
    assert found.state is State.CHANGE
    assert "\n-          pipx install --verbose" in found.diff
    assert state(shop, on_edit="keep") is State.DONE
    with pytest.raises(RolecallError, match="were edited") as caught:
        workflow.step().apply(context(shop))
    assert caught.value.hint == "invoke render --ci --on-edit replace"
    assert path.read_text() == edited
    workflow.step().apply(context(shop, on_edit="replace"))
    assert "--verbose" not in path.read_text()


def test_workflow_when_the_template_has_changed_then_it_is_drift(shop: Path) -> None:
    """The file of an older rolecall has a right digest and other steps."""
    path = shop / workflow.FILE
    old = render(shop).replace("pipx install", "pip install")
    steps_then = textwrap.dedent(
        old.partition("of these steps: ")[2].partition("\n")[2].partition("      # <<<")[0]
    )
    was = old.partition("of these steps: ")[2].split("\n")[0]
    path.write_text(old.replace(was, files.sha256(steps_then)))
    assert state(shop) is State.CHANGE
    assert "pipx install" in render(shop, package="")


def test_workflow_when_its_role_is_declared_no_more_then_says_which_are(shop: Path) -> None:
    """A role that the team renames is named before a job fails."""
    render(shop)
    (shop / "envrc.d/roles.toml").write_text(ROLES.replace("roles.deploy", "roles.release"))
    with pytest.raises(RolecallError, match=r"deploy is not one \(declared: dev, release"):
        state(shop)


@pytest.mark.parametrize(
    ("role", "says"),
    [
        ("prod", "prod is protected"),
        ("through", "prod is protected"),
        ("coded", "needs an MFA code"),
        ("nobody", "nobody is not one"),
    ],
)
def test_workflow_when_no_job_can_take_the_role_then_says_why_and_writes_nothing(
    shop: Path, role: str, says: str
) -> None:
    """Also where a chain leads through a protected one."""
    with pytest.raises(RolecallError, match=says):
        render(shop, role)
    assert not (shop / ".github").exists()


def test_workflow_when_nobody_else_has_this_rolecall_then_asks_for_a_package(
    shop: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Never the bare name of an index: whoever claims it would be installed."""
    monkeypatch.setattr(origin, "requirement", lambda: "")
    with pytest.raises(RolecallError, match="no job and no container has") as caught:
        render(shop, package="")
    assert "--package" in str(caught.value.hint)


def test_workflow_when_another_has_its_name_then_it_stays_and_the_steps_are_shown(shop: Path) -> None:
    """A file without our marks is a person's."""
    path = shop / workflow.FILE
    path.parent.mkdir(parents=True)
    path.write_text("on: push\n")
    shown: list[str] = []
    with pytest.raises(RolecallError, match="put the lines above among its steps"):
        workflow.step("", PACKAGE).apply(dataclasses.replace(context(shop), show=shown.append))
    assert "rolecall assume --role deploy" in shown[-1]
    assert path.read_text() == "on: push\n"


@pytest.mark.parametrize("after", ["as-made", "renewed", "edited", "committed"])
def test_undo_when_the_team_has_not_made_it_theirs_then_it_is_gone_with_its_folders(
    shop: Path, after: str
) -> None:
    """What was edited or committed since stays."""
    render(shop)
    if after == "renewed":
        render(shop, "dev")
    if after == "edited":
        with (shop / workflow.FILE).open("a") as file:
            file.write("# mine\n")
    if after == "committed":
        name = ["-c", "user.name=Ann", "-c", "user.email=ann@shop.example"]
        for words in (["add", "-A"], [*name, "commit", "-qm", "CI"]):
            subprocess.run(["git", *words], cwd=shop, check=True)
    for record in reversed(Journal(shop, os.environ).read()):
        if record.step == workflow.NAME:
            made_file.undo(context(shop), record)
    assert (shop / ".github").exists() is (after in ("edited", "committed"))


@pytest.mark.parametrize(
    ("url", "subject"),
    [
        ("git@github.com:acme/shop.git", "repo:acme/shop:*"),
        ("https://github.com/acme/shop", "repo:acme/shop:*"),
        ("https://git.example/acme/shop", "repo:OWNER/NAME:*"),
        ("", "repo:OWNER/NAME:*"),
    ],
)
def test_subject_when_the_remote_is_githubs_then_it_names_the_repository(
    shop: Path, url: str, subject: str
) -> None:
    """For the trust policy; a guess would let somebody else's jobs in."""
    assert shutil.which("git")
    if url:
        subprocess.run(["git", "remote", "add", "origin", url], cwd=shop, check=True)
    assert workflow.subject(shop) == subject
