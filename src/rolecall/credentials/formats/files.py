"""A session as lines of a file: dotenv, docker, systemd, AWS credentials, GitHub Actions.

Must not write any file: the task does, where a format needs one.
"""

import re
from collections.abc import Mapping

from rolecall.credentials.model import Session
from rolecall.credentials.variables import environment
from rolecall.system.text import quoting

SYSTEMD_PLAIN = re.compile(r"[A-Za-z0-9_./:@%+=,-]*")
SECRETS = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")


def dotenv(session: Session, more: Mapping[str, str]) -> str:
    """Return lines for a `.env` file, quoted where a parser would take them apart."""
    values = {**more, **environment(session)}
    return "".join(f"{name}={quoting.dotenv(value, name)}\n" for name, value in values.items())


def docker(session: Session, more: Mapping[str, str]) -> str:
    """Return lines for `docker run --env-file`, which takes all behind the equals sign as it stands."""
    return "".join(f"{name}={value}\n" for name, value in {**more, **environment(session)}.items())


def systemd(session: Session, more: Mapping[str, str]) -> str:
    """Return lines for `EnvironmentFile=` (systemd.exec(5)): in double quotes, four characters escaped."""
    values = {**more, **environment(session)}
    return "".join(f"{name}={_systemd_quoted(value)}\n" for name, value in values.items())


def credentials(session: Session, _more: Mapping[str, str]) -> str:
    """Return a section for the AWS credentials file, under the role's name."""
    return (
        f"[{session.role}]\n"
        f"aws_access_key_id = {session.key_id}\n"
        f"aws_secret_access_key = {session.secret.reveal()}\n"
        f"aws_session_token = {session.token.reveal()}\n"
        + (f"region = {session.region}\n" if session.region else "")
    )


def github_masks(session: Session) -> str:
    """Return the workflow commands that hide the credentials in the log of GitHub Actions."""
    values = environment(session)
    return "".join(f"::add-mask::{values[name]}\n" for name in SECRETS)


def _systemd_quoted(value: str) -> str:
    if SYSTEMD_PLAIN.fullmatch(value):
        return value
    return '"' + re.sub(r'(["\\`$])', r"\\\1", value) + '"'
