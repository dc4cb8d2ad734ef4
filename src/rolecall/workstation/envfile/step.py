"""The step `env`: `.env` made, merged, private; switched to the sandbox and back.

Owns: what `.env` should become for this run's answers.
Must not: ask (questions does), or show a secret.
Called by: the table.
"""

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

from rolecall.errors import UsageError
from rolecall.project import dotenv
from rolecall.system import paths
from rolecall.workstation.envfile import account
from rolecall.workstation.envfile import edit as envfile
from rolecall.workstation.steps import step as steps
from rolecall.workstation.steps.journal import Journal
from rolecall.workstation.steps.step import Context, Finding, Record, State, Step

NAME = "env"
FILE = account.FILE
OTHERS = 0o077

SandboxValues = Callable[[Path], Mapping[str, str] | None]


def step(sandbox_values: SandboxValues) -> Step:
    """Return the step; `sandbox_values` gives what a running sandbox wants in `.env`, or None."""
    return Step(
        name=NAME,
        reason="your personal values in .env: who assumes the role, and where",
        hint="invoke setup",
        check=partial(_check, sandbox_values),
        apply=partial(_apply, sandbox_values),
        undo=_undo,
    )


def _check(sandbox_values: SandboxValues, context: Context) -> Finding:
    path = context.root / FILE
    text = account.read(path)
    if text is None:
        return Finding(State.CHANGE, f"{FILE} would be written")
    if context.answers.sandbox and sandbox_values(context.root) is None:
        return Finding(State.CHANGE, f"{FILE} would get the sandbox's values")
    new = _wanted(sandbox_values, context, text)
    if new != text:
        lines = envfile.summary(account.values_of(text), account.values_of(new))
        return Finding(State.CHANGE, f"{FILE} would change: {_counted(lines)}", "\n".join(lines))
    if path.stat().st_mode & OTHERS:
        return Finding(State.CHANGE, f"others can read {FILE}")
    return Finding(State.DONE, f"{FILE} is up to date{_missing(account.values_of(text))}")


def _apply(sandbox_values: SandboxValues, context: Context) -> None:
    path = context.root / FILE
    text = account.read(path)
    new = _wanted(sandbox_values, context, text)
    lines = envfile.summary(account.values_of(text or ""), account.values_of(new))
    if text is not None and lines:
        context.show("\n".join(lines))
        if not context.confirm(f"Change {FILE} so? Everything else in it stays"):
            raise UsageError("not-confirmed", f"{FILE} was left as it is", hint="invoke setup")
    leaves_sandbox = not context.answers.sandbox and account.is_sandboxed(context.root)
    enters_sandbox = context.answers.sandbox and not account.is_sandboxed(context.root)
    saved = text if text is not None else envfile.fresh(context.root, {})
    if enters_sandbox:
        account.save(context.root, saved)
    facts = {"made": str(text is None), "sha256": account.digest(new), "before": account.digest(saved)}
    context.journal(steps.record(NAME, sandbox=str(context.answers.sandbox), **facts))
    account.write(path, new)
    if leaves_sandbox:
        (context.root / account.SAVED).unlink()
    if leaves_sandbox or enters_sandbox:
        _forget_sessions(context)


def _forget_sessions(context: Context) -> None:
    """Remove the sessions of the other account: they would still be valid, and wrong."""
    folder = paths.runtime_dir(paths.project_key(context.root), environ=context.environ)
    for path in folder.glob("*.env"):
        path.unlink(missing_ok=True)


def _wanted(sandbox_values: SandboxValues, context: Context, text: str | None) -> str:
    """Return what `.env` should be: the person's text, this run's answers, the account or the sandbox."""
    root = context.root
    known = (*envfile.KEYS, "AWS_SESSION_TOKEN")
    answers = context.answers.values
    given: dict[str, str | None] = {name: answers[name] or None for name in known if name in answers}
    if context.answers.sandbox:
        present = text if text is not None else envfile.fresh(root, {})
        return account.for_sandbox(envfile.merged(root, present, {}), sandbox_values(root) or {})
    if text is None:
        return envfile.fresh(root, {name: value for name, value in given.items() if value})
    if account.is_sandboxed(root):
        text = account.without_sandbox(root, text, _last_digest(context))
    return envfile.merged(root, text, given)


def _undo(context: Context, record: Record) -> str:
    """Give the account back; remove a `.env` that we made and nobody edited."""
    path = context.root / FILE
    if account.read(path) is None:
        return ""
    is_restored = account.restore(context.root, written=_last_digest(context))
    if record.facts["made"] == "True":
        if account.digest(account.read(path) or "") in _ours(context):
            path.unlink()
            return f"removed {FILE}"
        return f"kept {FILE}: it was edited since"
    return f"gave {FILE} its account back" if is_restored else ""


def _ours(context: Context) -> set[str]:
    """Return the digests of every `.env` that holds nothing but what we wrote.

    A text that we changed is ours only where the text before it was: else it holds a person's edit.
    """
    ours: set[str] = set()
    for record in Journal(context.root, context.environ).read():
        if record.step == NAME and (record.facts["made"] == "True" or record.facts["before"] in ours):
            ours |= {record.facts["sha256"], record.facts["before"]}
    return ours


def _last_digest(context: Context) -> str | None:
    last = Journal(context.root, context.environ).last(NAME)
    return last.facts.get("sha256") if last else None


def _missing(values: Mapping[str, str]) -> str:
    has_keys = values.get("AWS_ACCESS_KEY_ID") and values.get("AWS_SECRET_ACCESS_KEY")
    return (
        ""
        if has_keys or values.get("AWS_PROFILE") or values.get(dotenv.KEYRING)
        else " (no keys or profile in it: boto3's own chain decides)"
    )


def _counted(lines: list[str]) -> str:
    return f"{len(lines)} value{'' if len(lines) == 1 else 's'}" if lines else "its layout"
