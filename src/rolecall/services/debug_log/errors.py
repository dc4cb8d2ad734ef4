"""The last lines of a failing AWS CLI, and of its tracebacks: which error, of which operation, and why.

An error's message is AWS's own text and may quote an argument: only known ones stay.
"""

import builtins
import re

from rolecall.system.text.redaction import REMOVED

OCCURRED = re.compile(
    r"(?:[\w.]+: )?An error occurred \(([A-Za-z0-9.]{1,80})\) when calling the ([A-Za-z0-9]{1,80}) operation"
    r"( \(reached max retries: \d+\))?: (.*)"
)
DENIED = re.compile(
    r"User: (arn:aws[a-z-]*:(?:iam|sts)::\d{12}:[\w+=,.@/-]+) is not authorized to perform:"
    r" ([a-zA-Z0-9-]+:[A-Za-z*]+)(?: on resource: \S+)?(.*)"
)
BECAUSE = re.compile(
    r"(because no (?:identity|resource|session|permissions boundary)[a-z -]* policy allows the)|"
    r"(with an explicit deny in an? [a-z -]+ policy)"
)
CLASS = re.compile(r"((?:botocore|awscli|urllib3|socket|ssl|json)\.[A-Za-z_.]+|[A-Z][A-Za-z]+)(?:: (.*))?")
PLACE = re.compile(
    r'  File ".*?/((?:botocore|awscli|urllib3|http|ssl|socket)[\w/.-]*\.py)", line (\d+), in ([\w<>]+)'
)
TRACEBACK = (
    "Traceback (most recent call last):",
    "The above exception was the direct cause of the following exception:",
    "During handling of the above exception, another exception occurred:",
)
URL = r"https?://[^\s\"'<>]+"
CONNECTION = r"(?:<[^>]*>|\w+\(host='[\w.:-]+', port=\d+\))"
MESSAGES = tuple(
    re.compile(one)
    for one in (
        rf"((?:Could not connect to the|Connect timeout on|Read timeout on) endpoint URL: )\"?({URL})",
        rf"(Connection was closed before we received a valid response from endpoint URL: )\"?({URL})",
        rf"(Failed to connect to proxy URL: )\"?({URL})",
        rf"(SSL validation failed for )({URL})( \[SSL: [A-Z_]+\][a-z ,:-]*)?",
        rf"(Invalid endpoint: )({URL})",
        r"(Unable to locate credentials)",
        r"(Partial credentials found in [a-z-]+, missing: [a-z_]+)",
        r"(You must specify a region)",
        r"(The config profile \([\w.-]{1,64}\) could not be found)",
        r"(Error when retrieving credentials from [A-Za-z-]+)",
        r"(The SSO session associated with this profile has expired or is otherwise invalid)",
        r"(Error loading SSO Token)",
        r"(Token has expired and refresh failed)",
        r"(The security token included in the request is (?:invalid|expired))",
        r"(The provided token has expired|The AWS Access Key Id you provided does not exist in our records)",
        r"(The request signature we calculated does not match the signature you provided)",
        r"(Signature (?:expired|not yet current): \d{8}T\d{6}Z is (?:now earlier|still later) than \w{16})",
        r"(Rate exceeded|Request has expired|Access Denied|Forbidden|Not Found|Bad Request)",
        r"(The specified (?:bucket|key) does not exist)",
        r"(\[Errno -?\d+\] [A-Z][a-z ]+)",
        r"(\[SSL: [A-Z_]+\] [a-z ,-]+)",
        rf"{CONNECTION}: (Failed to establish a new connection: \[Errno -?\d+\] [A-Z][a-z ]+)",
        r"(the following arguments are required: )((?:--[a-z0-9-]+(?:, )?)+)",
        r"(argument (?:--[a-z0-9-]+|command|operation|subcommand): (?:expected one argument|Invalid choice))",
        r"(Parameter validation failed)",
        r"(Unknown options)",
    )
)


def shown(line: str) -> str:
    """Return what may stay of `line`; nothing where it is of no known kind."""
    text = line.rstrip()
    if text.startswith(TRACEBACK):
        return next(one for one in TRACEBACK if text.startswith(one))
    if place := PLACE.fullmatch(text):
        return f"  {place[1]}:{place[2]} in {place[3]}"
    if found := OCCURRED.fullmatch(text):
        code, operation, retries, message = found.groups("")
        return (
            f"An error occurred ({code}) when calling the {operation} operation{retries}: {_message(message)}"
        )
    if text.startswith("aws: error: "):
        return f"aws: error: {_message(text.removeprefix('aws: error: '))}"
    if (found := CLASS.fullmatch(text)) and _is_exception(found[1]):
        return f"{found[1]}: {_message(found[2])}" if found[2] else found[1]
    message = _message(text)
    return "" if message == REMOVED else message


def _message(text: str) -> str:
    if denied := DENIED.match(text):
        because = BECAUSE.search(denied[3])
        reason = f" {because[0]} action" if because and because[1] else f" {because[0]}" if because else ""
        return f"User: {denied[1]} is not authorized to perform: {denied[2]} on resource: {REMOVED}{reason}"
    for known in MESSAGES:
        if found := known.match(text):
            return "".join(found.groups(""))
    return REMOVED


def _is_exception(name: str) -> bool:
    if "." in name:
        return (
            name.rpartition(".")[2].endswith(("Error", "Exception", "Failed", "Timeout"))
            or "errorfactory" in name
        )
    kind = getattr(builtins, name, None)
    return isinstance(kind, type) and issubclass(kind, Exception)
