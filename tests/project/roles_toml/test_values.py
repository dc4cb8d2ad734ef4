"""Each kind of value at its bounds: what is taken, and what is said about the rest."""

import re
from typing import Any

import jsonschema
import pytest

from rolecall.project.roles_toml import values
from rolecall.project.roles_toml.values import Kind

POLICY = "arn:aws:iam::aws:policy/P"


@pytest.mark.parametrize(
    ("kind", "taken"),
    [
        (values.DURATION_TEXT, ["15m", "900s", "12h", "11h59m60s", "1h0m1s"]),
        (values.TEXT, ["a", " ", "é", "\u0080"]),
        (values.FLAG, [True, False]),
        (values.SCOPE, ["all", "aws"]),
        (values.DELIVERY, ["keys", "profile"]),
        (values.TEXTS, [[], ["a", "b"]]),
        (values.POLICY_ARNS, [[], [POLICY] * 10, ["arn:aws-cn:iam::111122223333:policy/a/b"]]),
        (values.TAGS, [{}, {str(number): "x" for number in range(50)}]),
        (values.REGION_NAME, ["eu-west-1", "us-gov-east-1", "cn-north-1", "mars-x-12"]),
        (values.EXTERNAL_ID_TEXT, ["ab", "x" * 1224, "+=,.@:/-_"]),
        (values.SOURCE_IDENTITY_TEXT, ["ab", "x" * 64, "a+=,.@-"]),
        (values.SERIAL_TEXT, ["arn:aws:iam::111122223333:mfa/a", "G" * 9, "0" * 32]),
        (values.ACCOUNT_ID, ["0" * 12]),
        (values.PERMISSION_SET_NAME, ["A", "A" * 32]),
        (values.START_URL_TEXT, ["https://x", "http://127.0.0.1:1/start"]),
        (values.VERSION_SPEC, ["==1", ">=0.2.1, <1", "> 0,<= 2"]),
        (values.ROLE_ARN, ["arn:aws:iam::111122223333:role/dev"]),
    ],
)
def test_kind_when_a_value_is_right_then_taken_by_reader_and_editor(kind: Kind, taken: list[Any]) -> None:
    """Up to the bound that AWS names, and alike in the JSON Schema."""
    for value in taken:
        found = kind.read(value)
        assert found == (tuple(value) if isinstance(value, list) else value) or kind is values.DURATION_TEXT
        assert jsonschema.Draft202012Validator(kind.shape).is_valid(value), value


@pytest.mark.parametrize(
    ("kind", "value", "says"),
    [
        (values.DURATION_TEXT, "899s", "must lie between 15m and 12h, not 899s"),
        (values.DURATION_TEXT, "14m59s", "must lie between"),
        (values.DURATION_TEXT, "12h1s", "must lie between"),
        (values.DURATION_TEXT, "", 'must be a duration such as "1h" or "45m", not \'\''),
        (values.DURATION_TEXT, "1m1h", "must be a duration"),
        (values.DURATION_TEXT, 3600, 'such as "1h" or "45m", not 3600'),
        (values.TEXT, "", "must be a non-empty string, not an empty string"),
        (values.TEXT, 1.5, "must be a non-empty string, not float"),
        (values.TEXT, True, "must be a non-empty string, not true or false"),
        (values.TEXT, "a\x7f", "must not hold a line break or another control character"),
        (values.TEXT, "\x00", "must not hold a line break"),
        (values.TEXT, "\x1f", "must not hold a line break"),
        (values.FLAG, 1, "must be true or false, not a number"),
        (values.FLAG, {}, "must be true or false, not a table"),
        (values.SCOPE, 1, "must be all or aws, not 1"),
        (values.TEXTS, "a", "must be a list of strings, not an empty string"),
        (values.TEXTS, ["a", ""], "must be a non-empty string, not an empty string"),
        (values.POLICY_ARNS, [POLICY] * 11, "11 policies; STS takes at most 10"),
        (values.POLICY_ARNS, [POLICY, "x"], "'x' is not a policy ARN such as arn:aws:iam::aws:policy/"),
        (values.TAGS, {str(number): "x" for number in range(51)}, "51 tags; STS takes at most 50"),
        (values.TAGS, [], "must be a table of strings, not a list"),
        (values.TAGS, {"a": ""}, "must be a non-empty string"),
        (values.EXTERNAL_ID_TEXT, "a", "'a' is not 2 to 1224 letters"),
        (values.EXTERNAL_ID_TEXT, "x" * 1225, "is not 2 to 1224 letters"),
        (values.EXTERNAL_ID_TEXT, "éé", "is not 2 to 1224 letters"),
        (values.SOURCE_IDENTITY_TEXT, "aws:x", "is not 2 to 64 letters"),
        (values.SOURCE_IDENTITY_TEXT, "éé", "is not 2 to 64 letters"),
        (values.SERIAL_TEXT, "A" * 8, "is not an MFA device"),
        (values.SERIAL_TEXT, "arn:aws:iam::١١١١٢٢٢٢٣٣٣٣:mfa/a", "is not an MFA device"),
        (values.ACCOUNT_ID, "١١١١٢٢٢٢٣٣٣٣", "is not an account id: 12 digits, in quotes"),
        (values.ACCOUNT_ID, 111122223333, "must be a non-empty string, not a number"),
        (values.PERMISSION_SET_NAME, "é", "is not at most 32 letters"),
        (values.START_URL_TEXT, "https://a b", "is not an address"),
    ],
)
def test_kind_when_a_value_is_wrong_then_says_what_is_right(kind: Kind, value: Any, says: str) -> None:
    """One beyond the bound, another type, letters that only look like ours."""
    with pytest.raises(ValueError, match=re.escape(says)):
        kind.read(value)


def test_duration_seconds_when_the_least_is_another_then_it_counts() -> None:
    """An elevated session may be shorter than what a file may say."""
    assert values.duration_seconds("1m", least=60) == 60
    assert values.duration_seconds("1h2m3s") == 3723
    with pytest.raises(ValueError, match="must lie between"):
        values.duration_seconds("59s", least=60)


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (values.TEXT, ""),
        (values.TEXT, 1),
        (values.TEXTS, [1]),
        (values.TAGS, []),
        (values.DURATION_TEXT, 1),
        (values.ROLE_ARN, 1),
        (values.POLICY_ARNS, "x"),
        (values.POLICY_ARNS, [1]),
        (values.FLAG, "true"),
        (values.SCOPE, "app"),
        (values.TEXTS, [""]),
        (values.TEXTS, "a"),
        (values.POLICY_ARNS, [POLICY] * 11),
        (values.POLICY_ARNS, ["x"]),
        (values.TAGS, {str(number): "x" for number in range(51)}),
        (values.TAGS, {"a": 1}),
        (values.DURATION_TEXT, "h"),
        (values.ACCOUNT_ID, "1"),
    ],
)
def test_kind_when_a_value_is_wrong_then_the_editor_knows_it_too(kind: Kind, value: Any) -> None:
    """The shape in the JSON Schema refuses it."""
    assert not jsonschema.Draft202012Validator(kind.shape).is_valid(value)
