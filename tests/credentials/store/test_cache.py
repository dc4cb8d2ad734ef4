"""Sessions on disk: whole or a miss, read alike by bash, python-dotenv and Python."""

import stat
from pathlib import Path

import pytest
from dotenv import dotenv_values

from rolecall.credentials.model import SessionRequest, renew_at
from rolecall.credentials.store import cache, session_file
from rolecall.credentials.store.cache import Entry
from rolecall.project.roles import Chain, Role
from rolecall.system.disk.place import Place
from rolecall.system.python.frozen import replace
from support.credentials import SESSION, place_of


@pytest.fixture
def where(tmp_path: Path) -> Place:
    """Return the place of a project."""
    return place_of(tmp_path / "shop")


def test_publish_when_read_back_then_is_the_same(where: Place) -> None:
    """What is published is what is read."""
    entry = Entry(SESSION, "inputs", "profile:ABCD")
    cache.publish(where, entry)
    assert cache.read(where, "dev", "profile:ABCD") == entry
    assert cache.read(where, "dev") is None


def test_publish_when_on_disk_then_is_private_and_a_dotenv_file(where: Place) -> None:
    """0600 in 0700, and python-dotenv reads the very values."""
    cache.publish(where, Entry(SESSION, "", ""))
    path = Path(cache.session_path(where, "dev"))
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert dotenv_values(path)["AWS_SESSION_TOKEN"] == SESSION.token.reveal()
    assert dotenv_values(path)["AWS_CREDENTIAL_EXPIRATION"] == "2033-05-18T03:33:20Z"


@pytest.mark.parametrize("cut", [0, 1, 40, 200, -3])
def test_read_when_cut_short_then_is_a_miss(where: Place, cut: int) -> None:
    """A file that lost its end is no session."""
    cache.publish(where, Entry(SESSION, "", ""))
    path = Path(cache.session_path(where, "dev"))
    path.write_text(path.read_text()[:cut])
    assert cache.read(where, "dev") is None


def test_publish_when_names_differ_only_where_they_are_folded_then_both_are_kept(where: Place) -> None:
    """Two ARNs, and two identities of one role, never throw each other's session away."""
    one, other = "arn:aws:iam::111122223333:role/a/b", "arn:aws:iam::111122223333:role/a_b"
    kept = [
        Entry(replace(SESSION, role=role), "", mark) for role in (one, other) for mark in ("", "x y", "x_y")
    ]
    for entry in kept:
        cache.publish(where, entry)
    assert [cache.read(where, entry.session.role, entry.environ_mark) for entry in kept] == kept


def test_publish_when_the_arn_is_as_long_as_iam_allows_then_is_kept(where: Place) -> None:
    """A path of 512 characters and a name of 64 fit into no file name."""
    arn = f"arn:aws:iam::111122223333:role/{'p' * 510}/{'n' * 64}"
    entry = Entry(replace(SESSION, role=arn), "", "")
    cache.publish(where, entry)
    assert cache.read(where, arn) == entry


def test_read_when_the_file_is_of_another_role_then_is_a_miss(where: Place) -> None:
    """The name of the file is not believed: it says inside which role it is."""
    cache.publish(where, Entry(SESSION, "", ""))
    Path(cache.session_path(where, "dev")).rename(cache.session_path(where, "other"))
    assert cache.read(where, "other") is None


@pytest.mark.parametrize("value", ["a b", "x\ny", "$(id)", "`id`", "é", "a'b", 'a"b', "#"])
def test_dump_when_a_shell_could_read_it_otherwise_then_refuses(value: str) -> None:
    """Nothing that needs quoting ever enters a session file."""
    with pytest.raises(ValueError, match="AWS_REGION"):
        session_file.dump({"AWS_REGION": value})


@pytest.mark.parametrize(("seconds", "before"), [(3600, 900), (900, 225), (43200, 900)])
def test_renew_at_when_issued_then_is_a_quarter_or_fifteen_minutes_before_the_end(
    seconds: int, before: int
) -> None:
    """Under a quarter of the lifetime, at most fifteen minutes."""
    assert renew_at(1000, 1000 + seconds) == 1000 + seconds - before


def test_session_when_shown_then_tells_no_secret() -> None:
    """A session in a traceback or a log is harmless."""
    assert SESSION.secret.reveal() not in repr(SESSION)
    assert SESSION.token.reveal() not in repr(SESSION)


def lines_of(where: Place) -> list[str]:
    return Path(cache.session_path(where, "dev")).read_text().splitlines()


@pytest.mark.parametrize("region", [None, "us-east-2"])
def test_publish_when_the_session_has_a_region_or_none_then_both_names_say_so(
    where: Place, region: str | None
) -> None:
    """SDKs differ in which of the two they read; an empty one is no region."""
    cache.publish(where, Entry(replace(SESSION, region=region, profile_region="eu-north-1"), "", ""))
    assert {f"AWS_REGION={region or ''}", f"AWS_DEFAULT_REGION={region or ''}"} <= set(lines_of(where))
    entry = cache.read(where, "dev")
    assert entry
    assert (entry.session.region, entry.session.profile_region) == (region, "eu-north-1")


NEEDED = (
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AWS_CREDENTIAL_EXPIRATION",
    "AWS_REGION",
    "AWS_ACCOUNT_ID",
    "ROLECALL_ROLE",
    "ROLECALL_ROLE_ARN",
    "ROLECALL_EXPIRES",
    "ROLECALL_RENEW_AT",
    "ROLECALL_INPUTS",
    "ROLECALL_ENVIRON",
    "ROLECALL_FINGERPRINT",
    "ROLECALL_PROTECTED",
)


@pytest.mark.parametrize("name", NEEDED)
def test_read_when_a_line_is_missing_then_is_a_miss(where: Place, name: str) -> None:
    """A session of which something is not known is none."""
    cache.publish(where, Entry(SESSION, "", ""))
    kept = [line for line in lines_of(where) if not line.startswith(f"{name}=")]
    Path(cache.session_path(where, "dev")).write_text("\n".join(kept) + "\n")
    assert cache.read(where, "dev") is None


@pytest.mark.parametrize(
    "line",
    [
        "AWS_CREDENTIAL_EXPIRATION=2033-05-18T03:33:21Z",
        "AWS_ACCOUNT_ID=",
        "ROLECALL_EXPIRES=02000000000",
        "ROLECALL_RENEW_AT=x",
        "ROLECALL_ROLE=prod",
        "ROLECALL_ENVIRON=ann",
        "AWS_REGION=$(id)",
    ],
)
def test_read_when_a_value_cannot_be_then_is_a_miss(where: Place, line: str) -> None:
    """Two expiries that disagree, no account, no digits, another role or identity."""
    cache.publish(where, Entry(SESSION, "", ""))
    name = line.partition("=")[0]
    changed = [line if one.startswith(f"{name}=") else one for one in lines_of(where)]
    Path(cache.session_path(where, "dev")).write_text("\n".join(changed) + "\n")
    assert cache.read(where, "dev") is None


def test_remove_when_there_is_one_then_says_so_once(where: Place) -> None:
    """And that of another identity stays."""
    for mark in ("", "ann"):
        cache.publish(where, Entry(SESSION, "", mark))
    assert [cache.remove(where, "dev"), cache.remove(where, "dev")] == [True, False]
    assert cache.read(where, "dev", "ann")


def test_request_when_nothing_is_said_then_is_the_plainest() -> None:
    """Whatever widens what is done has to be asked for."""
    plain = SessionRequest(Chain((Role("dev", SESSION.role_arn),)))
    flags = [getattr(plain, name) for name in dir(plain) if isinstance(getattr(plain, name), bool)]
    assert flags
    assert not any(flags)
    assert plain.min_ttl_seconds == 120
