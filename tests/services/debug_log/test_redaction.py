"""No secret reaches a debug log, whatever the spelling and however the bytes arrive."""

import re

import pytest

from rolecall.services.debug_log import redaction
from rolecall.services.debug_log.redaction import Redactor, redacted

SECRET = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
TOKEN = "FQoGZXIvYXdzEBYaD/abc+def==" * 4
SPELLINGS = {
    "json": '{"SecretAccessKey": "%s", "Other": 1}',
    "json without spaces": '{"secretAccessKey":"%s"}',
    "json in a string": '"{\\"SessionToken\\": \\"%s\\"}"',
    "json with an escaped quote": '{"Password": "a\\"%s"}',
    "json cut short": '{"SessionToken": "%s',
    "python's repr": "{'X-Amz-Security-Token': b'%s', 'Host': b'x'}",
    "xml": "<SessionToken>%s</SessionToken>",
    "xml with a namespace's case": "<secretaccesskey>%s</secretaccesskey>",
    "header": "x-amz-security-token:%s",
    "header in bytes": "send: b'POST / HTTP/1.1\\r\\nAuthorization: AWS4 %s\\r\\n'",
    "bearer": "Authorization: Bearer %s",
    "bearer in repr": "{'Authorization': 'Bearer %s'}",
    "sso header": "'x-amz-sso_bearer_token': '%s'",
    "query": "GET /?X-Amz-Signature=%s&X-Amz-Date=1",
    "query credential": "GET /?X-Amz-Credential=%s&X-Amz-Date=1",
    "query in a query": "url=https%%3A%%2F%%2Fx%%3FX-Amz-Security-Token%%3D%s",
    "old signature": "GET /key?AWSAccessKeyId=x&Signature=%s&Expires=1",
    "v4 signature": "AWS4-HMAC-SHA256 SignedHeaders=host, Signature=%s",
    "environment": "AWS_SECRET_ACCESS_KEY=%s",
    "argv": "Arguments entered to CLI: ['secretsmanager', 'create-secret', '--secret-string', '%s']",
    "argv password": "['rds', 'x', '--master-user-password', '%s']",
    "sso cache": '{"clientSecret": "%s", "region": "x"}',
    "sso refresh": '{"refreshToken":"%s"}',
    "mfa": "{'TokenCode': '%s'}",
    "kms": '{"Plaintext": "%s"}',
}


QUOTED = (
    "json",
    "json in a string",
    "json with an escaped quote",
    "python's repr",
    "xml",
    "bearer in repr",
    "argv",
)


@pytest.mark.parametrize("spelling", SPELLINGS.values(), ids=SPELLINGS)
def test_redacted_when_a_field_is_secret_then_removes_its_value(spelling: str) -> None:
    """The name of a field is enough: the value need not be known."""
    text = redacted(spelling % SECRET)

    assert SECRET not in text
    assert redaction.REMOVED in text


@pytest.mark.parametrize("name", QUOTED)
def test_redacted_when_a_quoted_value_has_spaces_and_commas_then_removes_all_of_it(name: str) -> None:
    """A passphrase ends at its quote, not at its first space."""
    text = redacted(SPELLINGS[name] % "horse, battery & staple")

    assert not re.search("horse|battery|staple", text)


def test_redacted_when_literals_are_known_then_removes_them_in_every_spelling() -> None:
    """The session's own secret goes where no field name gives it away, also encoded."""
    written: list[str] = []
    redactor = Redactor(written.append, literals=[SECRET])

    redactor.feed(f"raw {SECRET} url {SECRET.replace('/', '%2F').replace('+', '%2B')}\n".encode())
    redactor.feed(f"twice {SECRET.replace('/', '%252F').replace('+', '%252B')}\n".encode())
    redactor.feed(f"json {SECRET.replace('/', chr(92) + '/')}\n".encode())

    assert written == ["raw [removed] url [removed]\n", "twice [removed]\n", "json [removed]\n"]


def test_redacted_when_key_id_is_there_then_cuts_it_to_four() -> None:
    """A key id is no secret, but is cut all the same."""
    assert redacted("key ASIAIOSFODNN7EXAMPLE, AKIAIOSFODNN7EXAMPL2.") == "key …MPLE, …MPL2."


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-23 20:51:10,347 - MainThread - botocore.hooks - DEBUG - Event choose-signer.s3: calling\n",
        "An error occurred (InvalidClientTokenId) when calling X: The security token is invalid.\n",
        "<Code>NoSuchBucket</Code><Message>The specified bucket does not exist</Message>\n",
        "Calculating signature using v4 auth.\n",
    ],
)
def test_redacted_when_nothing_is_secret_then_leaves_the_text(text: str) -> None:
    """The log stays of use."""
    assert text == redacted(text)


def test_feed_when_a_secret_is_split_at_any_byte_then_never_shows_it() -> None:
    """Reads end anywhere; a line is looked at when it is whole."""
    line = f'é {{"SecretAccessKey": "{SECRET}", "SessionToken": "{TOKEN}"}}\nraw {TOKEN}'.encode()
    for size in range(1, 60):
        written: list[str] = []
        redactor = Redactor(written.append, literals=[TOKEN])
        for start in range(0, len(line), size):
            redactor.feed(line[start : start + size])
        redactor.close()
        text = "".join(written)
        assert (SECRET in text, TOKEN in text, text.startswith("é ")) == (False, False, True), size


def test_feed_when_a_line_is_too_long_to_hold_then_leaves_it_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rather no line than one written unseen; the next line is there again."""
    monkeypatch.setattr(redaction, "LINE_MOST", 1000)
    written: list[str] = []
    redactor = Redactor(written.append)

    for chunk in (b"a" * 990, SECRET.encode(), b"b" * 5000, b"c\nnext\n"):
        redactor.feed(chunk)
    redactor.close()

    assert written == [redaction.LEFT_OUT, "next\n"]


def test_feed_when_a_signed_text_spans_lines_then_removes_all_of_it() -> None:
    """botocore.auth writes the canonical request over many lines, the token among them."""
    written: list[str] = []
    redactor = Redactor(written.append)
    stamp = "2026-11-23 20:51:10,496 - MainThread - botocore.auth - DEBUG - "

    redactor.feed(f"{stamp}CanonicalRequest:\nPOST\n/\nx-amz-security-token:{TOKEN}\n\nhost\n".encode())
    redactor.feed(f"{stamp}Signature:\n{'a1' * 32}\n{stamp}after\n".encode())
    redactor.close()

    removed = "[removed]\n"
    assert [
        f"{stamp}CanonicalRequest:\n",
        removed,
        f"{stamp}Signature:\n",
        removed,
        f"{stamp}after\n",
    ] == written


def test_feed_when_bytes_are_no_utf8_then_keeps_them() -> None:
    """Foreign bytes are written as they came."""
    written: list[str] = []

    Redactor(written.append).feed(b"\xff\xfe\n")

    assert "".join(written).encode("utf-8", "surrogateescape") == b"\xff\xfe\n"
