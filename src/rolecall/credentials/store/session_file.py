"""The session file's text: plain `KEY=value` lines that bash, python-dotenv and Python read alike.

Nothing in it is ever run. Must not import more than builtins: `credential_process` waits for it.
"""

NAMES = (
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AWS_CREDENTIAL_EXPIRATION",
    "AWS_REGION",
    "AWS_DEFAULT_REGION",
    "AWS_ACCOUNT_ID",
    "ROLECALL_ROLE",
    "ROLECALL_ROLE_ARN",
    "ROLECALL_ASSUMED_ARN",
    "ROLECALL_ASSUMED_ID",
    "ROLECALL_ISSUED",
    "ROLECALL_EXPIRES",
    "ROLECALL_RENEW_AT",
    "ROLECALL_INPUTS",
    "ROLECALL_ENVIRON",
    "ROLECALL_PROFILE_REGION",
    "ROLECALL_FINGERPRINT",
    "ROLECALL_PROTECTED",
    "ROLECALL_RIGHTS",
)
NEEDED = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_ACCOUNT_ID")
EPOCH_DIGITS = 12
IN_USE_SECONDS = 16 * 60  # botocore asks again from 15 minutes before the end on, at each call; others later
PLAIN = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_./:@%+=,-")


def parse(text: str) -> dict[str, str]:
    """Return the known names in `text`; empty where a line is cut short, or not one of them: no guess."""
    values: dict[str, str] = {}
    *lines, rest = text.split("\n")
    if rest:
        return {}
    for line in lines:
        name, equals, value = line.partition("=")
        if not equals or name not in NAMES or not PLAIN.issuperset(value):
            return {}
        values[name] = value
    return values


def session(text: str) -> dict[str, str]:
    """Return the values of a whole session file; empty where a line is missing. bash asks for the same.

    A file that lacks a line could have lost the one that says that its role is protected.
    """
    values = parse(text)
    is_whole = [line.partition("=")[0] for line in text.split("\n")[:-1]] == list(NAMES)
    return values if is_whole and all(map(values.get, NEEDED)) else {}


def dump(values: dict[str, str]) -> str:
    """Return `values` as lines. Raises ValueError for one that a shell or dotenv could read otherwise."""
    for name, value in values.items():
        if name not in NAMES or not PLAIN.issuperset(value):
            raise ValueError(f"{name} cannot stand in a session file")
    return "".join(f"{name}={value}\n" for name, value in values.items())


def epoch(text: str) -> int:
    """Return epoch seconds of at most twelve plain digits; bash takes no more either. Raises ValueError."""
    if not (text.isascii() and text.isdigit() and len(text) <= EPOCH_DIGITS and not text.startswith("0")):
        raise ValueError("no epoch")
    return int(text)


def in_use_seconds(expires: int, renew_at: int) -> int:
    """Return how many seconds a session needs to have left for a program to be handed it.

    More than an SDK's own window, or it would ask again at each of its calls; at most half of the lifetime,
    or a short session would be renewed at each of them.
    """
    return min(IN_USE_SECONDS, 2 * (expires - renew_at))
