"""rolecall's own client of STS: four requests, tried again within the deadline, with the clock set right.

boto3 needs 220 ms to its first request; this needs ten, as it loads only what one request needs. Must not
know roles, sources or files.
"""

import os
import time

from rolecall.credentials.aws import endpoint
from rolecall.credentials.aws.https import http_post
from rolecall.credentials.aws.query import answer, form, retry, signature
from rolecall.credentials.aws.query.errors import AwsRefusedError, AwsUnreachableError, without_frames
from rolecall.errors import ConfigError
from rolecall.system.python.frozen import dataclass, field
from rolecall.system.text import secret

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    from rolecall.credentials.aws.endpoint import Endpoint
    from rolecall.credentials.aws.https.http_post import Request
    from rolecall.credentials.aws.query.signature import Keys
    from rolecall.system.clock import Deadline

TRY_MOST_SECONDS = 10.0
SECRET = ("WebIdentityToken", "TokenCode")
HEADERS = {
    "content-type": "application/x-www-form-urlencoded; charset=utf-8",
    "accept-encoding": "identity",
    "user-agent": "rolecall",
}


@dataclass(frozen=True, slots=True)
class Client:
    """Who asks which STS, and until when; without `keys`, nothing is signed.

    Each call takes botocore's parameters and returns botocore's answer, with `ClockSkewSeconds` in its
    `ResponseMetadata`: how far AWS's clock is ahead of ours, where a signature failed for it. Each raises
    AwsRefusedError, AwsUnreachableError, or ConfigError for an endpoint in `environ` that is no address.
    """

    keys: "Keys | None"
    region: str
    deadline: "Deadline"
    environ: "Mapping[str, str]" = field(default_factory=lambda: os.environ, repr=False)
    clock: "Callable[[], float]" = field(default=time.time, repr=False, compare=False)
    sleep: "Callable[[float], None]" = field(default=time.sleep, repr=False, compare=False)
    jitter: "Callable[[], float]" = field(default=retry.jitter, repr=False, compare=False)

    @property
    def place(self) -> "Endpoint":
        """Where STS is. Raises ConfigError, or AwsUnreachableError where there is no such region."""
        try:
            return endpoint.of(self.region, self.environ)
        except (AwsUnreachableError, ConfigError) as problem:
            raise without_frames(problem) from None

    @property
    def endpoint_url(self) -> str:
        """The address of STS, for people; empty where there can be none."""
        try:
            return self.place.url.text
        except (AwsUnreachableError, ConfigError):
            return ""

    def assume_role(self, parameters: "Mapping[str, Any]") -> dict[str, "Any"]:
        """Return the answer of AssumeRole."""
        return self._ask(_Call(self, "AssumeRole", parameters, self.keys))

    def assume_role_with_web_identity(self, parameters: "Mapping[str, Any]") -> dict[str, "Any"]:
        """Return the answer of AssumeRoleWithWebIdentity, for which the token in `parameters` speaks."""
        return self._ask(_Call(self, "AssumeRoleWithWebIdentity", parameters, None))

    def get_session_token(self, parameters: "Mapping[str, Any]") -> dict[str, "Any"]:
        """Return the answer of GetSessionToken."""
        return self._ask(_Call(self, "GetSessionToken", parameters, self.keys))

    def get_caller_identity(self) -> dict[str, "Any"]:
        """Return the answer of GetCallerIdentity."""
        return self._ask(_Call(self, "GetCallerIdentity", {}, self.keys))

    def _ask(self, call: "_Call") -> dict[str, "Any"]:
        return retry.run(
            call.once, deadline=self.deadline, clock=self.clock, sleep=self.sleep, jitter=self.jitter
        )


@dataclass(frozen=True, slots=True)
class _Call:
    client: Client
    operation: str
    parameters: "Mapping[str, Any]" = field(repr=False)
    keys: "Keys | None"

    def once(self, skew_seconds: int) -> dict[str, "Any"]:
        """Return the answer to one try."""
        client = self.client
        place = client.place
        now = client.clock() + skew_seconds
        until = time.monotonic() + min(TRY_MOST_SECONDS, client.deadline.seconds_left)
        try:
            got = http_post.post(self._request(place, now), environ=client.environ, until=until)
            result = answer.read(self.operation, got, now)
        except AwsUnreachableError as problem:
            raise without_frames(problem.at(place.url.text)) from problem.__cause__
        except AwsRefusedError as problem:
            problem.redact(self.secrets)
            raise without_frames(problem) from None
        result["ResponseMetadata"]["ClockSkewSeconds"] = skew_seconds
        return result

    def _request(self, place: "Endpoint", now: float) -> "Request":
        body = form.encoded(self.operation, self.parameters)
        if not self.keys:
            return http_post.Request(place.url, HEADERS, body)
        own = {"content-type": HEADERS["content-type"]}
        scope = signature.Scope(place.region)
        signed = signature.signed(self.keys, scope, url=place.url, headers=own, body=body, now=now)
        return http_post.Request(place.url, HEADERS | signed, body)

    @property
    def secrets(self) -> list[str]:
        """What no message may repeat: AWS quotes a request whose signature is wrong."""
        own = [self.keys.secret.reveal(), self.keys.token.reveal()] if self.keys else []
        found = [*own, *(secret.text(self.parameters.get(name, "")) for name in SECRET)]
        return [text for text in found if text]
