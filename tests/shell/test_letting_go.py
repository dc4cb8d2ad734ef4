"""A terminal's role can be seen and let go, in a real bash under a real direnv."""

from collections.abc import Callable

from rolecall.credentials.store import choice
from support import ROLES_TOML
from support.terminals import Rendered, Terminal

Open = Callable[[str], Terminal]


def test_unset_when_a_terminal_took_a_role_then_the_default_applies_again(
    rendered: Rendered, open_terminal: Open
) -> None:
    """`assume --unset` undoes `assume --role`, at the next prompt."""
    terminal = open_terminal("bash")
    terminal.run(f"cd '{rendered.root}'")
    terminal.run("invoke assume --role prod")
    assert terminal.value("ROLECALL_ROLE") == "prod"
    said = terminal.run("invoke assume --unset")
    assert "dev applies in this terminal" in said
    assert terminal.value("ROLECALL_ROLE") == "dev"


def test_assume_when_no_role_is_named_then_the_terminal_goes_on_following_the_default(
    rendered: Rendered, open_terminal: Open
) -> None:
    """A plain `assume` does not nail the terminal to today's default; one role is not picked."""
    (rendered.root / "envrc.d/roles.toml").write_text(ROLES_TOML.partition("[roles.prod]")[0])
    terminal = open_terminal("bash")
    terminal.run(f"cd '{rendered.root}'")
    assert "dev · 111122223333" in terminal.run("invoke assume")
    assert not list((rendered.folder / choice.FOLDER).glob("*"))
    (rendered.root / "envrc.d/roles.toml").write_text(ROLES_TOML)
    terminal.run("invoke assume --role prod --default && invoke assume --unset")
    assert terminal.value("ROLECALL_ROLE") == "prod"


def test_assume_when_rolecall_role_is_set_by_hand_then_said_in_the_terminal(
    rendered: Rendered, open_terminal: Open
) -> None:
    """Where nothing will change, `assume` does not say that it worked and leave it at that."""
    terminal = open_terminal("bash")
    terminal.run("export ROLECALL_ROLE=prod")
    terminal.run(f"cd '{rendered.root}'")
    said = terminal.run("invoke assume --role dev")
    assert "ROLECALL_ROLE=prod is set in this shell and wins" in said
    assert terminal.value("ROLECALL_ROLE") == "prod"


def test_cd_when_the_role_is_protected_then_the_line_says_so(rendered: Rendered, open_terminal: Open) -> None:
    """Who holds production sees it in the line on `cd`."""
    (rendered.root / "envrc.d/roles.toml").write_text(f"{ROLES_TOML}protected = true\n")
    terminal = open_terminal("bash")
    terminal.run(f"cd '{rendered.root}'")
    terminal.confirm("invoke assume --role prod", "Type its name to take it", "prod")
    terminal.run("cd /")
    assert "prod · 444455556666 · protected ·" in terminal.run(f"cd '{rendered.root}'") + terminal.run("true")
