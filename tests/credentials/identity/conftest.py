"""What the tests of MFA share: Ann at the terminal, and a project whose roles want her code."""

from pathlib import Path

import pytest

from rolecall.credentials.identity import mfa, mfa_code
from support.mfa import ROLES, Ann, Meet


@pytest.fixture
def meet(monkeypatch: pytest.MonkeyPatch) -> Meet:
    """Return a function that puts Ann, with her next codes, at the terminal."""

    def sit_down(*codes: str, is_there: bool = True) -> Ann:
        ann = Ann(list(codes), is_there=is_there)
        for module, name in ((mfa, "proof"), (mfa, "forget_if_refused"), (mfa_code, "code")):
            monkeypatch.setattr(getattr(module, name), "__kwdefaults__", {"person": ann.person})
        return ann

    return sit_down


@pytest.fixture
def guarded(shop: Path) -> Path:
    """Make a project whose roles want MFA."""
    (shop / "envrc.d/roles.toml").write_text(ROLES)
    return shop
