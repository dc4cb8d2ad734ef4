"""A fresh `.envrc`: its fragments, and the digest that shows an edit."""

import subprocess
from pathlib import Path

import pytest

from rolecall.errors import ConfigError
from rolecall.system import command
from rolecall.system.text import quoting
from rolecall.workstation.envrc import render
from support.envrc_project import apply


def test_render_when_the_project_has_a_fragment_then_it_replaces_the_shipped_one(shop: Path) -> None:
    """Same name, own text."""
    (shop / "envrc.d/20-project.sh").write_text("export MINE=1\n")
    text = apply(shop)
    assert text.count("# --- envrc.d/20-project.sh") == 1
    assert "export MINE=1" in text


def test_is_unedited_when_a_byte_changed_then_is_false(shop: Path) -> None:
    """The digest at its top covers every byte below."""
    text = apply(shop)
    assert render.is_unedited(text)
    assert not render.is_unedited(text + " ")
    assert not render.is_unedited(text.replace("OWN", "NOW"))
    assert render.is_ours(text + " ")


@pytest.mark.parametrize(
    ("template", "told"),
    [("{{ nothing }}", "nothing"), ("{% if %}", "envrc.j2:1"), ("{{ key | shel }}", "shel")],
    ids=["undefined", "syntax", "filter"],
)
def test_render_when_a_template_is_broken_then_names_it(shop: Path, template: str, told: str) -> None:
    """A mistake in the project's own template is its own, and says where."""
    (shop / "templates").mkdir()
    (shop / "templates/envrc.j2").write_text(template)
    with pytest.raises(ConfigError) as caught:
        render.envrc(shop)
    assert told in caught.value.message
    opened = subprocess.run(
        ["bash", "-c", caught.value.hint], env={"EDITOR": "echo"}, capture_output=True, text=True, check=True
    )
    assert "templates/envrc.j2" in opened.stdout


@pytest.mark.parametrize(
    ("tasks", "used", "shown"),
    [
        ("", "rolecall ", "rolecall "),
        ("from rolecall.tasks import namespace\n", "rolecall ", "rolecall "),
        ("from rolecall.tasks import namespace\n", "invoke ", "invoke "),
        ("from rolecall.tasks import namespace\n", "python3 ../tasks.py ", "invoke "),
        ("from rolecall import tasks\n", "'/a b/.venv/bin/invoke' aws.", "invoke aws."),
        ("from rolecall import tasks\n", "'/a b/.venv/bin/rolecall' ", "rolecall "),
        ("# rolecall.tasks is not used here\n", "invoke ", "rolecall "),
        ("", "uvx --from /wheels/rolecall.whl rolecall ", "rolecall "),
    ],
)
def test_envrc_when_rendered_then_shows_the_command_that_works_in_the_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tasks: str, used: str, shown: str
) -> None:
    """By then PATH is the project's: a program is named, not the path that was typed."""
    if tasks:
        (tmp_path / "tasks.py").write_text(tasks)
    monkeypatch.setattr(command, "_used", [used])
    text = render.envrc(tmp_path)
    assert f"_rolecall_command={quoting.shell(shown)}\n" in text


def test_envrc_when_rendered_through_another_command_then_stays_what_was_approved(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A person with both commands is not asked for an approval by each use of the other."""
    (tmp_path / "tasks.py").write_text("from rolecall.tasks import namespace\n")
    for first, other in (("rolecall ", "invoke "), ("invoke aws.", "rolecall ")):
        (tmp_path / ".envrc").unlink(missing_ok=True)
        monkeypatch.setattr(command, "_used", [first])
        text = render.envrc(tmp_path)
        (tmp_path / ".envrc").write_text(text)
        monkeypatch.setattr(command, "_used", [other])
        assert render.envrc(tmp_path) == text
    (tmp_path / "tasks.py").unlink()
    assert "_rolecall_command='rolecall '\n" in render.envrc(tmp_path)


def test_session_when_its_comments_are_left_out_then_bash_reads_the_same_program() -> None:
    """Bash prints what it understood: of the fragments, and of the copy that `use rolecall` runs."""
    for fragment in (one for one in render.fragments(None) if not one.is_cold):
        short = fragment.without_comments
        assert len(short.text) < len(fragment.text)
        assert understood(short.text) == understood(fragment.text)


def understood(text: str) -> str:
    """Return `text` as the body of a function that bash has read."""
    script = f"_read() {{\n{text}\n}}\ndeclare -f _read"
    return subprocess.run(["bash", "-c", script], check=True, capture_output=True, text=True).stdout
