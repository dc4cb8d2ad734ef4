"""The facts about a request that an explanation of its failure may name."""

from rolecall.system.python.frozen import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from rolecall.project.roles import Role


@dataclass(frozen=True, slots=True)
class About:
    """The facts known about the request that failed, for the words of its explanation."""

    role: "Role | None" = None
    label: str = ""
    key_id: str = ""
    has_token: bool = False
    endpoint: str = ""
    region: str = ""
    sso_session: str = ""
    you: str = ""
