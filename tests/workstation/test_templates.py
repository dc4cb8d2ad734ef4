"""Whose template counts: a project has a say in its own files, and in no file of the person's."""

from pathlib import Path

import pytest

from rolecall.system.disk import paths
from rolecall.workstation import templates

SHIPPED = sorted(path.name for path in paths.shipped("templates").iterdir() if path.is_file())
EVIL = "touch ~/hacked\n"


@pytest.mark.parametrize("name", [name for name in SHIPPED if name not in templates.OF_A_PROJECT])
def test_template_when_it_is_for_a_persons_file_then_the_projects_own_does_not_count(
    name: str, tmp_path: Path
) -> None:
    """A pulled `templates/rc.bash` must not end up in anybody's .bashrc."""
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates" / name).write_text(EVIL)
    places = (tmp_path / "templates", paths.shipped("templates"))
    found = templates._found(name, places)
    assert found is not None
    assert found[1] == str(paths.shipped("templates") / name)


def test_template_when_it_is_for_the_projects_file_then_its_own_counts(tmp_path: Path) -> None:
    """A team may change its own .envrc; `rolecall review` shows how."""
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates/env.j2").write_text("ours {{ 1 + 1 }}\n")
    assert templates.render(tmp_path, "env.j2") == "ours 2\n"


def test_template_when_it_is_edited_between_two_renderings_then_the_second_has_the_edit(
    tmp_path: Path,
) -> None:
    """What was compiled for the one text does not serve another, though it was done within one second."""
    (tmp_path / "templates").mkdir()
    own = tmp_path / "templates/env.j2"
    texts = [f"ours {{{{ 1 + {number} }}}}\n" for number in (1, 2, 1)]
    rendered = []
    for text in texts:
        own.write_text(text)
        rendered.append(templates.render(tmp_path, "env.j2"))
    assert rendered == ["ours 2\n", "ours 3\n", "ours 2\n"]
