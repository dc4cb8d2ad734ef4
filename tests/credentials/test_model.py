"""What crosses the credential path: how long a session is good, who gives its first hop, what is shown."""

from pathlib import Path

import pytest

from rolecall.credentials import model
from rolecall.credentials.identity import sources
from rolecall.credentials.model import FetchRequest, Identity, SessionRequest
from rolecall.credentials.store import choice
from rolecall.project import config
from rolecall.project.roles import PermissionSet
from rolecall.system.clock import Deadline
from rolecall.system.python.frozen import replace
from support.credentials import SESSION

HOUR = 3600


@pytest.mark.parametrize(
    ("lifetime", "before_its_end"),
    [(HOUR, 900), (8 * HOUR, 900), (2400, 600), (900, 225), (901, 226), (0, 0), (-5, 0)],
)
def test_renewal_when_due_then_in_the_last_quarter_of_at_most_fifteen_minutes(
    lifetime: int, before_its_end: int
) -> None:
    """A whole second, on the early side; nothing for a session that ended before it began."""
    assert model.renew_at(1000.0, 1000 + lifetime) == 1000 + lifetime - before_its_end


@pytest.mark.parametrize(
    ("key_id", "shown"),
    [
        ("AKIAABCDEFGHIJKLMNOP", "…MNOP"),
        ("ASIA456789012345", "…2345"),
        ("ASIA45678901234", "(no key id)"),
        ("akiaABCDEFGHIJKLMNOP", "(no key id)"),
        ("BKIAABCDEFGHIJKLMNOP", "(no key id)"),
        ("AKIAABCDEFGHIJKL/NOP", "(no key id)"),
        ("AKIAABCDEFGHIJKLMNÖP", "(no key id)"),
        ("", "(no key id)"),
    ],
)
def test_key_id_when_shown_then_its_last_four_characters(key_id: str, shown: str) -> None:
    """Of what is none, such as a secret in its place, nothing."""
    assert model.masked(key_id) == shown


def test_session_when_asked_for_its_end_then_a_moment_and_what_is_left() -> None:
    """In UTC; less than nothing once it has passed."""
    assert SESSION.expiration.isoformat() == "2033-05-18T03:33:20+00:00"
    assert (SESSION.seconds_left(2_000_000_000 - 1.5), SESSION.seconds_left(2_000_000_007)) == (1.5, -7)
    assert replace(SESSION, notes=("x",)) == SESSION


@pytest.mark.parametrize("value", ["a/b+c=", "x/y+z==", "ASIAEXAMPLE"])
def test_session_when_printed_then_without_its_keys(value: str) -> None:
    """As a traceback or a log would have it."""
    assert value not in repr(SESSION)


def wanted(root: Path, who: Identity, role: str = "dev") -> FetchRequest:
    """Return the request for a role as nothing but it would make."""
    project = config.load(root)
    return FetchRequest(project, choice.chain(project, role), who, Deadline.after(5))


def test_request_when_nothing_else_is_said_then_plain(shop: Path) -> None:
    """No MFA anew, no wider rights; nobody confirmed it, and nothing is renewed or kept from STS."""
    made = wanted(shop, sources.find(config.load(shop)))
    assert (made.mfa_code, made.is_anew, made.is_elevated) == ("", False, False)
    assert (made.role_name, made.guard) == ("dev", f"{made.project.place.key}/dev")
    asked = SessionRequest(made.chain)
    switches = ("refresh", "renew", "from_cache", "is_confirmed", "for_programs", "by_program", "by_hand")
    assert [name for name in switches if getattr(asked, name)] == []
    assert (asked.min_ttl_seconds, asked.elevate_seconds, asked.mfa_code) == (120, 0, "")


@pytest.mark.parametrize("kind", ["web-identity", "github", "keys", "profile"])
@pytest.mark.parametrize("of_token", [None, "arn:aws:iam::111122223333:role/dev", "arn:aws:iam::1:role/x"])
def test_first_hop_when_a_token_is_for_it_then_it_gives_it(
    shop: Path, kind: str, of_token: str | None
) -> None:
    """A token for another role must take that one first; keys and profiles are no token."""
    made = wanted(shop, Identity(kind, "x", "f", role_arn=of_token))
    is_for_it = of_token in (None, made.chain.hops[0].role_arn)
    assert made.is_direct is (kind in ("web-identity", "github") and is_for_it)


def test_first_hop_when_it_is_a_permission_set_then_the_portal_gives_it(shop: Path) -> None:
    """Whoever assumes."""
    made = wanted(shop, Identity("keys", "x", "f"))
    desk = replace(made.chain.hops[0], sso=PermissionSet("corp", "111122223333", "Admin"))
    assert replace(made, chain=replace(made.chain, hops=(desk,))).is_direct
