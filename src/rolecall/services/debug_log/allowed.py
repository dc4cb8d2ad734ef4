"""The allow-list of a debug log: known sentences, and of each the words that tell why a request fails.

Whatever is not on the list is left out whole: bodies, headers, values of arguments, and every sentence that
nobody has looked at. A new sentence of the AWS CLI is lost then, and shows nothing.
"""

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass, field

from rolecall.services.debug_log import arguments, errors
from rolecall.system.text.redaction import REMOVED

WORD = r"[A-Za-z][A-Za-z0-9._-]{0,60}"
NUMBER = r"\d+(?:\.\d+)?"
URL = r"https?://[^\s\"'<>,}]+"
HOST = re.compile(r"(https?://)(?:[^/\s\"'<>]*@)?([A-Za-z0-9._:\[\]-]+)")
SENTENCES = tuple(
    re.compile(one)
    for one in (
        r"(CLI version: )([\w./# -]+)",
        rf"(Event )({WORD}|[a-z*.-]+)(: calling handler)",
        rf"(Looking for (?:credentials|endpoint for {WORD}) via: {WORD})",
        rf"(Found endpoint for {WORD} via: {WORD})",
        r"(Found credentials in (?:environment variables|shared credentials file|config file))",
        r"(Found credentials from (?:IAM Role|container-role|assume-role\S*|sso))",
        r"(Credentials need to be refreshed|Refreshing temporary credentials|Refreshing credentials)",
        rf"(Setting {WORD} timeout as \({NUMBER}, {NUMBER}\))",
        r"(Setting config variable for (?:region|output) to '[a-z0-9-]{1,30}')",
        rf"(Registering (?:retry handlers for service: {WORD}|S3 region redirector handler))",
        r"(Making request for OperationModel\(name=[A-Za-z0-9]+\))",
        r"(Calculating signature using \w+ auth)",
        r"(CanonicalRequest|StringToSign|Signature):",
        r"(Starting new HTTPS? connection \(\d+\): )([A-Za-z0-9._:\[\]-]+)",
        rf"(IMDS ENDPOINT: )({URL})",
        rf"(Endpoint provider result: )({URL})",
        r"(Selecting from endpoint provider's list of auth schemes: [\"a-z0-9, -]+)",
        r"(Selected auth type \"[a-z0-9-]+\")",
        r"(No retry needed|Not retrying request|Exception received when sending HTTP request)",
        r"(Max attempts of \d+ reached)",
        r"(Reached the maximum number of retry attempts: \d+)",
        rf"(Retry needed, (?:action of: |retrying request after delay of: ){NUMBER})",
        r"(retry needed: retryable (?:HTTP status code received: \d{3}|.{0}))",
        r"(retry needed: matching HTTP status and error code seen: \d{3}, [A-Z][A-Za-z]+)",
        rf"(Response received to retry, sleeping for {NUMBER} seconds)",
        r"(Exiting with rc \d{1,3})",
        r"(Exception caught in main\(\))",
        rf"(Changing event name from {WORD} to {WORD})",
        r"(Loading JSON file: )\S*?(/(?:awscli|botocore)/[\w./-]+)",
        r"(SSO Token refresh|Attempting token refresh|Refreshing SSO token|SSO token expired)",
    )
)
PARAMETERS = re.compile(
    r"'(Region|UseFIPS|UseDualStack|UseGlobalEndpoint)': '?([a-z0-9-]{1,30}|True|False)'?"
)
ENDPOINT = re.compile(rf"'Endpoint': '({URL})'")
SENDING = re.compile(rf"Sending http request: <AWSPreparedRequest .*?method=([A-Z]+), url=({URL})")
HEADERS = re.compile(
    r"(?i)'(x-amzn-requestid|x-amz-request-id|x-amzn-errortype|x-amz-bucket-region|date|retry-after"
    r"|content-type|content-length|status)': '([A-Za-z0-9 ,:;=./+_-]{1,80})"
)
ANSWER = re.compile(rf'({URL}) "([A-Z]+) .*HTTP/[0-9.]+" (\d{{3}}) (\d+|None)')
CODE = re.compile(
    r"<Error>.*?<Code>([A-Z][A-Za-z.]{2,60})</Code>"
    r"|[\"']__type[\"']: ?[\"'](?:[\w.]+#)?([A-Z][A-Za-z]{2,60})[\"']"
    r"|[\"']code[\"']: ?[\"']([A-Z][A-Za-z]{2,60})[\"']",
    re.DOTALL,
)
REQUEST_ID = re.compile(r"<RequestId>([A-Za-z0-9-]{8,64})</RequestId>")
FAILED = 400


@dataclass(slots=True)
class Allowed:
    """The list, with what the command's own arguments are: those go out wherever they stand."""

    values: Collection[str] = ()
    status: int = 0
    handlers: tuple[tuple[str, Callable[[str], str]], ...] = field(init=False)

    def __post_init__(self) -> None:
        """Tie each beginning to what keeps the useful words of it."""
        self.handlers = (
            ("Arguments entered to CLI: ", arguments.shown),
            ("Calling endpoint provider with parameters: ", self._parameters),
            ("Sending http request: ", self._sending),
            ("Response headers: ", self._headers),
            ("Response body:", lambda _: f"Response body: {REMOVED}"),
            ("retry needed, retryable exception caught: ", self._caught),
        )

    def message(self, text: str) -> str:
        """Return what of a record's message may stay; nothing of a sentence that is not known."""
        for beginning, handler in self.handlers:
            if text.startswith(beginning):
                return handler(text)
        if found := ANSWER.fullmatch(text):
            self.status = int(found[3])
            return f"{self.host_only(found[1])} {found[2]}: HTTP {found[3]}, {found[4]} bytes"
        for sentence in SENTENCES:
            if found := sentence.match(text):
                return self.host_only("".join(found.groups("")))
        return REMOVED

    def body(self, text: str) -> str:
        """Return the error code and the request id in the body of a refusal; nothing of any other body."""
        if self.status < FAILED:
            return ""
        code, request = CODE.search(text), REQUEST_ID.search(text)
        parts = [f"error code {next(filter(None, code.groups()))}"] if code else []
        return ", ".join([*parts, *([f"request id {request[1]}"] if request else [])])

    def line(self, text: str) -> str:
        """Return what may stay of a line that is no record: of a traceback, or of the end of the program."""
        return self.host_only(errors.shown(text))

    def host_only(self, text: str) -> str:
        """Return `text` with each address cut to its host, and that without the command's own arguments."""
        return HOST.sub(lambda found: found[1] + self._host(found[2]), re.sub(rf"({URL})", _origin, text))

    def _host(self, host: str) -> str:
        name, colon, port = host.partition(":")
        labels = ["…" if label in self.values else label for label in name.split(".")]
        return ".".join(labels) + colon + port

    def _parameters(self, text: str) -> str:
        known = [f"{name} {value}" for name, value in PARAMETERS.findall(text)]
        known += [f"Endpoint {self.host_only(url)}" for url in ENDPOINT.findall(text)]
        return f"Calling endpoint provider with parameters: {', '.join(known) or REMOVED}"

    def _sending(self, text: str) -> str:
        found = SENDING.match(text)
        return f"Sending http request: {found[1]} {self.host_only(found[2])}" if found else REMOVED

    def _headers(self, text: str) -> str:
        known = [f"{name}: {value}" for name, value in HEADERS.findall(text)]
        return f"Response headers: {'; '.join(known) or REMOVED}"

    def _caught(self, text: str) -> str:
        beginning = "retry needed, retryable exception caught: "
        return beginning + (self.line(text.removeprefix(beginning)) or REMOVED)


def _origin(found: "re.Match[str]") -> str:
    address = HOST.match(found[1])
    return address[1] + address[2] if address else REMOVED
