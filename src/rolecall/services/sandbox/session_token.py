"""GetSessionToken in the sandbox: temporary keys of a user, which moto knows from then on.

moto itself answers with the same example keys each time, and does not accept them.
"""

import secrets
from datetime import UTC, datetime, timedelta
from typing import Any

DEFAULT_SECONDS = 43200  # GetSessionToken, API reference
ANSWER = (
    '<GetSessionTokenResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetSessionTokenResult>'
    "<Credentials><AccessKeyId>{key_id}</AccessKeyId><SecretAccessKey>{secret}</SecretAccessKey>"
    "<SessionToken>{token}</SessionToken><Expiration>{expiration}</Expiration></Credentials>"
    "</GetSessionTokenResult></GetSessionTokenResponse>"
)


def answer(user: Any, seconds: str) -> str:
    """Return STS's answer with new keys of `user` (moto's); any MFA code will do."""
    key = user.create_access_key(prefix="ASIA")
    lasts = timedelta(seconds=int(seconds) if seconds.isdigit() else DEFAULT_SECONDS)
    key.session_token, key.expiration = secrets.token_hex(40), datetime.now(UTC) + lasts
    return ANSWER.format(
        key_id=key.access_key_id,
        secret=key.secret_access_key,
        token=key.session_token,
        expiration=key.expiration.strftime("%Y-%m-%dT%H:%M:%SZ"),
    )
