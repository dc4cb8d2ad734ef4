"""Taking everything back: what a run leaves on the machine."""

import os
from pathlib import Path

from rolecall.system.disk import paths
from rolecall.workstation.setup import teardown
from rolecall.workstation.steps.step import Context


def test_teardown_when_sessions_and_bytecode_lie_apart_then_removes_both(tmp_path: Path, home: Path) -> None:
    """The runtime folder is emptied by a reboot; the cache folder is not."""
    key = paths.project_key(tmp_path)
    session = paths.runtime_dir(key, environ=os.environ) / "dev.env"
    bytecode = paths.cache_dir(environ=os.environ) / key / "bytecode/errors.pyc"
    for path in (session, bytecode):
        path.parent.mkdir(parents=True)
        path.write_text("")
    other = paths.cache_dir(environ=os.environ) / "other-12345678"
    other.mkdir()

    teardown.run((), Context(tmp_path, environ=os.environ), on_end=lambda _name, _line: None)

    assert not session.parent.exists()
    assert not bytecode.parent.parent.exists()
    assert other.exists()
