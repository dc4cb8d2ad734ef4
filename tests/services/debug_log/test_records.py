"""A debug log taken apart: what is known stays, and everything else goes, however the bytes arrive."""

import pytest

from rolecall.services.debug_log import arguments, records
from rolecall.services.debug_log.records import Records

STAMP = "2026-11-23 20:51:10,347 - MainThread - botocore."


def told(text: str, *, size: int = 0, values: tuple[str, ...] = ()) -> str:
    """Return the log of `text`, which arrives in pieces of `size` bytes."""
    written: list[str] = []
    made = Records(written.append, values=values)
    data = text.encode()
    for start in range(0, len(data), size or len(data)):
        made.feed(data[start : start + (size or len(data))])
    made.close()
    return "".join(written)


def test_record_when_its_sentence_is_unknown_then_only_its_head_stays() -> None:
    """A sentence that nobody has looked at may say anything."""
    text = told(f"{STAMP}new - DEBUG - the password is hunter2\n")
    assert text == f"{STAMP}new - DEBUG - [removed]\n"


def test_line_when_it_is_no_record_and_unknown_then_it_is_counted() -> None:
    """How many lines went is worth knowing."""
    assert told("hunter2\nhunter3\n") == "  [2 lines left out]\n"


@pytest.mark.parametrize("size", range(1, 40))
def test_feed_when_reads_end_anywhere_then_the_log_is_the_same(size: int) -> None:
    """A line is looked at when it is whole."""
    text = f"{STAMP}retryhandler - DEBUG - No retry needed.\nhunter2\n{STAMP}x - DEBUG - hunter3"
    assert told(text, size=size) == told(text)
    assert "No retry needed" in told(text)


def test_feed_when_a_line_is_too_long_to_hold_then_it_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rather no line than one written unseen; the next line is there again."""
    monkeypatch.setattr(records, "LINE_MOST", 1000)
    text = told(f"{'a' * 5000}\n{STAMP}x - INFO - y\n", size=990)
    assert text == f"{records.LEFT_OUT}{STAMP}x - INFO - [removed]\n"


def test_body_when_a_request_worked_then_nothing_of_it_stays() -> None:
    """Only a refusal's code is told."""
    body = b'\'{"__type": "Hunter"}\''.decode()
    answer = f'{STAMP}x - DEBUG - http://127.0.0.1:1 "POST / HTTP/1.1" {{}} 20\n'
    after = f"{STAMP}parsers - DEBUG - Response body:\n{body}\n"
    assert "Hunter" not in told(answer.format(200) + after)
    assert "error code Hunter" in told(answer.format(400) + after)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["s3", "cp", "a", "s3://b/c"], "s3 cp [removed] [removed]"),
        (
            ["--region", "eu-west-1", "sts", "get-caller-identity"],
            "--region eu-west-1 sts get-caller-identity",
        ),
        (["--region", "hunter2", "s3", "ls"], "--region [removed] s3 ls"),
        (
            ["iam", "x-y", "--password=hunter2", "--debug", "z"],
            "iam x-y --password=[removed] --debug [removed]",
        ),
        (["configure", "set", "aws_secret_access_key", "hunter2"], "configure set [removed] [removed]"),
        (["--endpoint-url", "http://a:b@h:1/x", "s3", "ls"], "--endpoint-url http://h:1 s3 ls"),
    ],
)
def test_arguments_when_shown_then_values_are_not(words: list[str], expected: str) -> None:
    """The command and its options stay."""
    assert " ".join(arguments.kept(words)) == expected
    assert arguments.shown(f"Arguments entered to CLI: {words}") == f"Arguments entered to CLI: {expected}"


def test_host_when_a_label_of_it_is_an_argument_then_it_goes() -> None:
    """A bucket's name is in the host."""
    text = told(
        f"{STAMP}regions - DEBUG - Endpoint provider result: https://hunter2.s3.eu-west-1.amazonaws.com/k\n",
        values=("hunter2",),
    )
    assert "https://….s3.eu-west-1.amazonaws.com" in text
