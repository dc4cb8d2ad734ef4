"""The line that a person adds for elvish, in a real elvish with real direnv."""

import subprocess
from pathlib import Path

import pytest

from rolecall.workstation.shells import by_hand
from support.terminals import Rendered

HOOK = ".config/elvish/lib/direnv.elv"


@pytest.mark.client("elvish")
def test_cd_when_the_line_for_elvish_is_added_then_loads_the_role(rendered: Rendered, home: Path) -> None:
    """What stands after it is typed first; without a terminal, the test calls the hook itself."""
    typed = by_hand.SHELLS["elvish"].line.partition("# after: ")[2]
    subprocess.run(["elvish", "-norc", "-c", typed], check=True)
    hook = (home / HOOK).read_text().replace("edit:before-readline", "hooks")
    code = f"var hooks = []; {hook}; cd $args[0]; $hooks[0]; echo $E:ROLECALL_ROLE"
    words = ["elvish", "-norc", "-c", code, str(rendered.root)]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert (done.stdout, done.returncode) == ("dev\n", 0), done.stderr
