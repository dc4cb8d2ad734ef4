"""A session as JSON: as STS's own command prints it."""

from rolecall.credentials.formats import documents
from support.credentials import SESSION


def test_json_when_printed_then_laid_out_as_the_aws_cli_does() -> None:
    """Two blanks a level, and a line's end at the end."""
    text = documents.sts(SESSION, {})
    assert text.startswith('{\n  "Credentials": {\n    "AccessKeyId": "ASIAEXAMPLE",\n')
    assert text.endswith("\n  }\n}\n")
