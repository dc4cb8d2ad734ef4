"""The kinds of values that `roles.toml` may hold, each with its reader and its JSON Schema.

Must not know which key holds a value, or in which file.
"""

from __future__ import annotations

import re

from rolecall.project import roles
from rolecall.system.python.frozen import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

DURATION = re.compile(r"(?=\d)(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?")
LEAST_SECONDS, MOST_SECONDS = 15 * 60, 12 * 3600  # AssumeRole, API reference: DurationSeconds
REGION = re.compile(r"[a-z]{2,4}(-[a-z]+)+-\d+")
POLICY_ARN = re.compile(r"arn:aws[a-z-]*:iam::(aws|\d{12}):policy/[\x21-\x7e]+")
MOST_POLICY_ARNS = 10  # AssumeRole, API reference: PolicyArns
MOST_TAGS = 50  # and Tags
EXTERNAL_ID = re.compile(r"[\w+=,.@:/-]{2,1224}", re.ASCII)
SOURCE_IDENTITY = re.compile(r"(?!aws:)[\w+=,.@-]{2,64}", re.ASCII)
SERIAL = re.compile(r"arn:aws[a-z-]*:iam::\d{12}:[\w+=/:,.@-]{1,200}|[A-Za-z0-9]{9,32}", re.ASCII)
ACCOUNT = re.compile(r"\d{12}", re.ASCII)
PERMISSION_SET = re.compile(r"[\w+=,.@-]{1,32}", re.ASCII)
VERSION = re.compile(r"(?:>=|<=|==|>|<) ?\d+(?:\.\d+){0,2}(?:, ?(?:>=|<=|==|>|<) ?\d+(?:\.\d+){0,2})*")
ENV_SCOPES = ("all", "aws")
DELIVERIES = ("keys", "profile")
START_URL = re.compile(r"https?://[^\s\"']+")


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of value: `read` converts it or raises ValueError; `shape` is its JSON Schema."""

    read: Callable[[Any], Any]
    shape: Mapping[str, Any]


def duration_seconds(value: Any, *, least: int = LEAST_SECONDS) -> int:
    """Return "1h", "90m" or "1h30m" as seconds. Raises ValueError outside `least` (15m) to 12h."""
    found = DURATION.fullmatch(value) if isinstance(value, str) else None
    if not found:
        raise ValueError(f'must be a duration such as "1h" or "45m", not {value!r}')
    hours, minutes, seconds = (int(part or 0) for part in found.groups())
    total = hours * 3600 + minutes * 60 + seconds
    if not least <= total <= MOST_SECONDS:
        raise ValueError(f"must lie between 15m and 12h, not {value}")
    return total


def read_text(value: Any) -> str:
    """Return a non-empty string without control characters."""
    if not isinstance(value, str) or not value:
        raise ValueError(f"must be a non-empty string, not {_kind(value)}")
    if re.search(r"[\x00-\x1f\x7f]", value):
        raise ValueError("must not hold a line break or another control character")
    return value


def _read_flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError(f"must be true or false, not {_kind(value)}")  # noqa: TRY004 - callers explain ValueError
    return value


def _one_of(words: tuple[str, ...]) -> Kind:
    def read(value: Any) -> str:
        if value not in words:
            raise ValueError(f"must be {' or '.join(words)}, not {value!r}")
        return str(value)

    return Kind(read, {"type": "string", "enum": list(words)})


def _read_texts(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise ValueError(f"must be a list of strings, not {_kind(value)}")  # noqa: TRY004 - as above
    return tuple(read_text(item) for item in value)


def _read_policy_arns(value: Any) -> tuple[str, ...]:
    found = _read_texts(value)
    if len(found) > MOST_POLICY_ARNS:
        raise ValueError(f"{len(found)} policies; STS takes at most {MOST_POLICY_ARNS}")
    for arn in found:
        if not POLICY_ARN.fullmatch(arn):
            raise ValueError(f"{arn!r} is not a policy ARN such as arn:aws:iam::aws:policy/ReadOnlyAccess")
    return found


def _read_tags(value: Any) -> dict[str, str]:
    if not isinstance(value, dict):
        raise ValueError(f"must be a table of strings, not {_kind(value)}")  # noqa: TRY004 - as above
    if len(value) > MOST_TAGS:
        raise ValueError(f"{len(value)} tags; STS takes at most {MOST_TAGS}")
    return {key: read_text(item) for key, item in value.items()}


def _matching(pattern: re.Pattern[str], says: str) -> Kind:
    def read(value: Any) -> str:
        if not pattern.fullmatch(read_text(value)):
            raise ValueError(f"{value!r} is not {says}")
        return str(value)

    return Kind(read, {"type": "string", "pattern": f"^(?:{pattern.pattern})$"})


def _kind(value: Any) -> str:
    names = {bool: "true or false", int: "a number", str: "an empty string", list: "a list", dict: "a table"}
    return names.get(type(value), type(value).__name__)


_STRINGS = {"type": "array", "items": {"type": "string", "minLength": 1}}

TEXT = Kind(read_text, {"type": "string", "minLength": 1})
FLAG = Kind(_read_flag, {"type": "boolean"})
TEXTS = Kind(_read_texts, _STRINGS)
DURATION_TEXT = Kind(duration_seconds, {"type": "string", "pattern": f"^{DURATION.pattern}$"})
TAGS = Kind(
    _read_tags, {"type": "object", "maxProperties": MOST_TAGS, "additionalProperties": {"type": "string"}}
)
_ARNS = {"type": "array", "items": {"type": "string", "pattern": f"^{POLICY_ARN.pattern}$"}}
POLICY_ARNS = Kind(_read_policy_arns, {**_ARNS, "maxItems": MOST_POLICY_ARNS})
ROLE_ARN = _matching(re.compile(roles.ARN), "a role ARN such as arn:aws:iam::111122223333:role/NAME")
SCOPE = _one_of(ENV_SCOPES)
DELIVERY = _one_of(DELIVERIES)
VERSION_SPEC = _matching(VERSION, 'a version such as ">=0.2"')
REGION_NAME = _matching(REGION, "a region such as eu-west-1")
EXTERNAL_ID_TEXT = _matching(EXTERNAL_ID, "2 to 1224 letters, digits and + = , . @ : / -")
SOURCE_IDENTITY_TEXT = _matching(SOURCE_IDENTITY, "2 to 64 letters, digits and + = , . @ -")
SERIAL_TEXT = _matching(SERIAL, "an MFA device such as arn:aws:iam::111122223333:mfa/NAME")
ACCOUNT_ID = _matching(ACCOUNT, "an account id: 12 digits, in quotes")
PERMISSION_SET_NAME = _matching(PERMISSION_SET, "at most 32 letters, digits and + = , . @ -")
START_URL_TEXT = _matching(START_URL, "an address such as https://my-portal.awsapps.com/start")
