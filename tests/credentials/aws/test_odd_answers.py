"""Whatever says "200 OK" in the place of STS: a row of the table of failures, and no session; never a bug."""

import gzip
import time
from pathlib import Path

import pytest

from rolecall.credentials.failures import table
from rolecall.credentials.store import cache
from rolecall.errors import EXIT_BUG, RolecallError
from support import ROLES_TOML, write_env
from support.credentials import obtain, place_of
from support.fake_aws import granted, refusal
from support.scripted_server import Serve, saying

GOOD = granted("arn:aws:iam::111122223333:role/dev").body
SECRET = "secret/of+role="
TOO_LARGE = 2 << 20


def http(body: bytes, *, kind: str = "text/xml", more: str = "", length: int | None = None) -> bytes:
    """Return a 200 answer with `body`."""
    size = len(body) if length is None else length
    return f"HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nContent-Length: {size}\r\n{more}\r\n".encode() + body


def changed(old: str, new: str) -> bytes:
    """Return the good answer with one part of it changed."""
    assert old in GOOD
    return http(GOOD.replace(old, new).encode())


def expiring(moment: str) -> bytes:
    """Return the good answer with another expiration."""
    before, _, rest = GOOD.partition("<Expiration>")
    return http(f"{before}<Expiration>{moment}{rest[rest.index('</Expiration>') :]}".encode())


USER = GOOD[GOOD.index("<AssumedRoleUser>") : GOOD.index("</AssumeRoleResult>")]
KEYS = GOOD[GOOD.index("<Credentials>") : GOOD.index("<AssumedRoleUser>")]
ANSWERS = {
    "empty": (http(b""), "answer-wrong"),
    "page of a captive portal": (http(b"<!DOCTYPE html><p>sign in", kind="text/html"), "captive-portal"),
    "page that says it is XML": (http(b"<html><body/></html>"), "captive-portal"),
    "truncated XML": (http(GOOD[:-30].encode()), "answer-wrong"),
    "truncated on the way": (http(GOOD.encode(), length=len(GOOD) + 9), "connection-lost"),
    "no credentials": (changed(KEYS, ""), "answer-wrong"),
    "empty credentials": (changed(KEYS, "<Credentials/>"), "answer-wrong"),
    "no secret": (changed("SecretAccessKey", "Secret"), "answer-wrong"),
    "no token": (changed("SessionToken", "Token"), "answer-wrong"),
    "no user": (changed(USER, ""), "answer-wrong"),
    "no expiration": (changed("Expiration>", "Ends>"), "answer-wrong"),
    "expiration of an hour ago": (expiring("PAST"), "answer-expired"),
    "expiration of a year ago": (expiring("2001-01-01T00:00:00Z"), "answer-wrong"),
    "expiration that is no time": (expiring("soon"), "answer-wrong"),
    "expiration without a zone": (expiring("2099-01-01T00:00:00"), "answer-wrong"),
    "expiration beyond all time": (expiring("9999-12-31T23:59:59Z"), "session"),
    "another root element": (changed("AssumeRoleResponse", "Other"), "answer-wrong"),
    "another operation": (changed("AssumeRoleResult", "GetSessionTokenResult"), "answer-wrong"),
    "JSON": (http(b'{"Credentials": {}}', kind="application/json"), "answer-wrong"),
    "text": (http(b"OK", kind="text/plain"), "answer-wrong"),
    "huge": (http(b"<a>" + b"x" * TOO_LARGE + b"</a>"), "answer-wrong"),
    "huge by its length": (http(b"", length=10**15), "answer-wrong"),
    "endless without a length": (
        b"HTTP/1.1 200 OK\r\n\r\n<a>" + b"x" * TOO_LARGE, "answer-wrong"),
    "wrong charset": (http(GOOD.replace("AROAFAKE", "é").encode("latin-1")), "answer-wrong"),
    "UTF-16": (http(GOOD.encode("utf-16")), "answer-wrong"),
    "gzip": (http(gzip.compress(GOOD.encode()), more="Content-Encoding: gzip\r\n"), "answer-wrong"),
    "gzip that nobody says is": (http(gzip.compress(GOOD.encode())), "answer-wrong"),
    "key twice": (changed("<SessionToken>", "<AccessKeyId>x</AccessKeyId><SessionToken>"), "answer-wrong"),
    "credentials twice": (changed(KEYS, KEYS + KEYS), "answer-wrong"),
    "control characters in a key": (changed("ASIAFAKE", "ASIA&#27;[2K"), "answer-wrong"),
    "line break in a token": (changed("token/of", "token&#10;of"), "answer-wrong"),
    "blank in a secret": (changed(SECRET, "se cret"), "answer-wrong"),
    "another account": (changed("sts::111122223333", "sts::444455556666"), "account-mismatch"),
    "an error with status 200": (http(refusal("AccessDenied", "no").body.encode()), "answer-wrong"),
    "document type": (http(b"<!DOCTYPE a [<!ENTITY b 'c'>]>" + GOOD.encode()), "answer-wrong"),
    "nested deeply": (http(b"<a>" * 5000), "answer-wrong"),
    "no HTTP": (b"SSH-2.0-OpenSSH_9.2\r\n", "answer-wrong"),
    "status that is none": (b"HTTP/1.1 OK\r\n\r\n", "answer-wrong"),
    "two lengths": (http(GOOD.encode(), more="Content-Length: 3\r\n"), "answer-wrong"),
    "chunk without a length": (
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n", "answer-wrong"),
    "unknown transfer encoding": (
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: br\r\n\r\n" + GOOD.encode(), "answer-wrong"),
    "zero bytes": (http(bytes(100)), "answer-wrong"),
}  # fmt: skip


@pytest.mark.parametrize(("answer", "code"), ANSWERS.values(), ids=ANSWERS)
def test_answer_when_it_is_odd_then_is_a_row_of_the_table_and_no_session(
    tmp_path: Path, serve: Serve, answer: bytes, code: str
) -> None:
    """Through our own client, from the socket to what a person is told."""
    past = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() - 3600)).encode()
    body = answer.replace(b"PAST", past)
    if body != answer:
        body = http(body.partition(b"\r\n\r\n")[2])
    server = serve(saying(body))
    (tmp_path / "envrc.d").mkdir()
    (tmp_path / "envrc.d/roles.toml").write_text(ROLES_TOML)
    keys = "AWS_ACCESS_KEY_ID=AKIAFAKEFAKEFAKE1234\nAWS_SECRET_ACCESS_KEY=secret-of-ann\n"
    write_env(tmp_path, f"{keys}AWS_ENDPOINT_URL={server.url}\n")
    if code == "session":
        assert obtain(tmp_path, "dev").role == "dev"
        return
    with pytest.raises(RolecallError) as caught:
        obtain(tmp_path, "dev", seconds=3)
    assert caught.value.code == code
    assert caught.value.code in table.ROWS
    assert caught.value.exit_code != EXIT_BUG
    assert SECRET not in f"{caught.value} {caught.value!r}"
    assert str(caught.value).isprintable()
    assert cache.read(place_of(tmp_path), "dev") is None


def test_answers_when_counted_then_more_than_the_fifteen_that_were_tried_by_hand() -> None:
    """Eight of those ended in a bug once."""
    assert len(ANSWERS) >= 40
