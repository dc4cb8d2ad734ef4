"""`roles --trust-policy` and `--identity-policy`: what to send to an account's owner, on stdout."""

from dataclasses import dataclass

from rolecall.credentials.policies import asked, written
from rolecall.errors import UsageError
from rolecall.project import roles
from rolecall.project.declared import Project
from rolecall.system.person import person


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the flags say: the role that needs the policy, the token's subject, and the form."""

    source: str
    subject: str
    form: str


def show(project: Project, role: str, wanted: Wanted) -> None:
    """Print the trust policy of `role`, or where that is empty, the identity's own policy."""
    if wanted.form not in written.FORMS:
        raise UsageError(
            "form-unknown",
            f"--as {wanted.form}: it is one of {', '.join(written.FORMS)}",
            hint=f"invoke roles --trust-policy {role}" if role else "invoke roles --identity-policy",
        )
    if role:
        _show_trust(project, role, wanted)
        return
    if wanted.form != "json":
        raise UsageError(
            "form-unfit",
            "--identity-policy is printed as JSON, the text of a policy",
            hint="invoke roles --identity-policy",
        )
    policy = asked.identity(project, wanted.source)
    person.put(written.as_json(policy).rstrip("\n"))


def _show_trust(project: Project, role: str, wanted: Wanted) -> None:
    policy, notes = asked.trust(project, role, subject=wanted.subject)
    person.put(written.FORMS[wanted.form](policy, roles.resolve(project.roles, role).role).rstrip("\n"))
    for note in notes:
        person.say(note)
