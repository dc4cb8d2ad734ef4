"""A row of the table of failures: all that is known of one failure, in one place."""

from rolecall.errors import CredentialError
from rolecall.system.python.frozen import dataclass

EDIT_ROLES = "${{EDITOR:-vi}} envrc.d/roles.toml"
EDIT_ENV = "${{EDITOR:-vi}} .env"


@dataclass(frozen=True, slots=True)
class Row:
    """One failure: when it happens (for the documentation), the message, the command that helps.

    `hint` can be run as it stands; where no command helps it is empty, and the advice is in the message.
    `{role}`, `{detail}` and the like are filled in; a name that is not known reads as nothing.

    The rest says how it is recognised. `answers` are error codes of AWS, where needed with a pattern for the
    message: "Code: pattern". One with a pattern goes before one without; then the order of the table decides.
    `raised` are names of the SDK's exceptions, `providers` the SDK's credential providers that gave nothing.
    `is_transient`: the same request may well succeed in a moment.
    """

    when: str
    says: str
    hint: str
    kind: type[CredentialError] = CredentialError
    answers: tuple[str, ...] = ()
    raised: tuple[str, ...] = ()
    providers: tuple[str, ...] = ()
    is_transient: bool = False
