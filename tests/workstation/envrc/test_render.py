"""A fresh `.envrc`: its fragments, and the digest that shows an edit."""

import subprocess
from pathlib import Path

import pytest

from rolecall.errors import ConfigError
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
