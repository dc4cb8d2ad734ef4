"""The access keys of an IAM user, asked for with the user's own keys. Must not know where keys are kept."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from rolecall.credentials.aws import sdk
from rolecall.credentials.aws.query.signature import Keys
from rolecall.credentials.failures.about import About
from rolecall.credentials.failures.explained import explained
from rolecall.credentials.model import masked
from rolecall.errors import CredentialError
from rolecall.system.text.secret import Secret

T = TypeVar("T")
DENIED = ("AccessDenied", "AccessDeniedException")
SECONDS = 10


@dataclass(frozen=True, slots=True)
class AccessKey:
    """One key of the user: its id, when it was made (epoch), and whether it works."""

    key_id: str
    created: float
    is_active: bool


@dataclass(frozen=True, slots=True)
class Iam:
    """IAM, asked with `keys`. Each method raises CredentialError."""

    keys: Keys
    environ: Mapping[str, str]
    region: str

    def listed(self) -> list[AccessKey]:
        """Return the user's access keys."""
        found = self._ask("ListAccessKeys", lambda client: client.list_access_keys()["AccessKeyMetadata"])
        return [
            AccessKey(one["AccessKeyId"], one["CreateDate"].timestamp(), one["Status"] == "Active")
            for one in found
        ]

    def made(self) -> Keys:
        """Return a new key; IAM tells its secret this once."""
        return self._ask("CreateAccessKey", lambda client: _keys(client.create_access_key()["AccessKey"]))

    def delete(self, key_id: str) -> None:
        """Delete a key of the user's."""
        self._ask("DeleteAccessKey", lambda client: client.delete_access_key(AccessKeyId=key_id))

    def _ask(self, operation: str, question: Callable[[Any], T]) -> T:
        from botocore.exceptions import ClientError

        label = f"keys {masked(self.keys.key_id)}"
        with explained(About(label=label, key_id=self.keys.key_id, region=self.region)):
            try:
                return question(_client(self))
            except ClientError as problem:
                if problem.response["Error"]["Code"] in DENIED:
                    raise CredentialError(
                        "iam-denied",
                        f"{label} may not do iam:{operation}; the owner of the account can allow it",
                    ) from None
                raise


def _client(iam: Iam) -> Any:
    from botocore.config import Config

    session = sdk.bare(iam.environ)
    session.set_credentials(iam.keys.key_id, iam.keys.secret.reveal(), None)
    patience = Config(connect_timeout=SECONDS, read_timeout=SECONDS, retries={"total_max_attempts": 2})
    return session.create_client("iam", region_name=iam.region, config=patience)


def _keys(made: Mapping[str, Any]) -> Keys:
    return Keys(made["AccessKeyId"], Secret(made["SecretAccessKey"]))
