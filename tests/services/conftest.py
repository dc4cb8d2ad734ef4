"""A running sandbox, and the project fixtures."""

from collections.abc import Iterator

import pytest

from rolecall.services.sandbox import sandbox as service
from rolecall.services.sandbox.sandbox import Sandbox
from support.sandbox_project import invoke, root

__all__ = ["box", "invoke", "root"]


@pytest.fixture(scope="module")
def box(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    """Start one sandbox for the tests of a module that change nothing in it but by AWS calls."""
    folder = tmp_path_factory.mktemp("box")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HOME", str(folder))
        patch.setenv("XDG_RUNTIME_DIR", str(folder))
        patch.delenv("XDG_STATE_HOME", raising=False)
        yield service.start(folder)
        patch.setenv("HOME", str(folder))
        service.stop(folder)
