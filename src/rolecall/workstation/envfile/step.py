"""The step `env`: `.env` is there, private, and holds the answers of this run or the sandbox's values.

The module `questions` asks for the answers. No secret is shown.
"""

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

from rolecall.errors import UsageError
from rolecall.project.env_file import dotenv
from rolecall.system.disk import files, paths
from rolecall.system.text.frames import without_locals
from rolecall.workstation.envfile import account, edit, reversal
from rolecall.workstation.steps import journal
from rolecall.workstation.steps.step import Context, Finding, Record, State, Step, record

NAME = "env"
FILE = account.FILE
OTHERS = 0o077

SandboxValues = Callable[[Path], Mapping[str, str] | None]


def step(sandbox_values: SandboxValues) -> Step:
    """Return the step; `sandbox_values` returns the values of a running sandbox for `.env`, or None."""
    return Step(
        name=NAME,
        reason="your own values in .env: who assumes the role, and in which region",
        hint="invoke setup",
        check=partial(_check, sandbox_values),
        apply=partial(_apply, sandbox_values),
        undo=_undo,
    )


@without_locals
def _check(sandbox_values: SandboxValues, context: Context) -> Finding:
    path = context.root / FILE
    dotenv.refuse_foreign(path)
    text = account.read(path)
    if text is None:
        return Finding(State.CHANGE, f"{FILE} would be written")
    if context.answers.sandbox and sandbox_values(context.root) is None:
        return Finding(State.CHANGE, f"{FILE} would get the sandbox's values")
    new = _wanted(sandbox_values, context, text)
    if new != text:
        lines = edit.summary(account.values_of(text), account.values_of(new))
        return Finding(State.CHANGE, f"{FILE} would get {_counted(lines)}", "\n".join(lines))
    if path.stat().st_mode & OTHERS:
        return Finding(State.CHANGE, f"others can read {FILE}; it would be readable by you alone")
    note = _missing(account.values_of(text)) + _unloaded(text)
    return Finding(State.DONE, f"{FILE} is in place, readable by you alone{note}")


@without_locals
def _apply(sandbox_values: SandboxValues, context: Context) -> None:
    path = context.root / FILE
    dotenv.refuse_foreign(path)
    text = account.read(path)
    new = _wanted(sandbox_values, context, text)
    lines = edit.summary(account.values_of(text or ""), account.values_of(new))
    if text is not None and lines:
        if not context.answers.is_new:  # adopting a repository shows and asks once for everything
            context.show("\n".join(lines))
        if not context.answers.is_new and not context.confirm(
            f"Make these changes in {FILE}? Its other lines stay"
        ):
            raise UsageError("not-confirmed", f"{FILE} was left as it is", hint="invoke setup")
    leaves_sandbox = not context.answers.sandbox and account.is_sandboxed(context.root)
    enters_sandbox = context.answers.sandbox and not account.is_sandboxed(context.root)
    saved = text if text is not None else edit.fresh(context.root, {})
    if enters_sandbox:
        account.save(context.root, saved)
    facts = {"made": str(text is None), "sha256": files.sha256(new), "before": files.sha256(saved)}
    if text is not None:
        base = new if context.answers.sandbox else _base(context, text)
        facts |= reversal.facts(base, new, path.stat().st_mode & 0o777)
    context.journal(record(NAME, sandbox=str(context.answers.sandbox), **facts))
    account.write(path, new)
    if leaves_sandbox:
        (context.root / account.SAVED).unlink()
    if leaves_sandbox or enters_sandbox:
        _forget_sessions(context)


def _base(context: Context, text: str) -> str:
    """Return the person's `.env`, also where it is the sandbox's just now."""
    if not account.is_sandboxed(context.root):
        return text
    return account.without_sandbox(context.root, text, _last_digest(context))


def _forget_sessions(context: Context) -> None:
    """Remove the sessions of the other account: they are still valid, but no longer wanted."""
    folder = paths.runtime_dir(paths.project_key(context.root), environ=context.environ)
    for path in folder.glob("*.env"):
        path.unlink(missing_ok=True)


def _wanted(sandbox_values: SandboxValues, context: Context, text: str | None) -> str:
    """Return the `.env` that this run should leave: the person's text with its answers or the sandbox."""
    root = context.root
    known = (*edit.KEYS, *dotenv.IDENTITY, dotenv.KEYRING)
    answers = context.answers.values
    given: dict[str, str | None] = {name: answers[name] or None for name in known if name in answers}
    if context.answers.sandbox:
        present = text if text is not None else edit.fresh(root, {})
        return account.for_sandbox(edit.merged(root, present, {}), sandbox_values(root) or {})
    if text is None:
        return edit.fresh(root, {name: value for name, value in given.items() if value})
    return edit.merged(root, _base(context, text), given)


@without_locals
def _undo(context: Context, done: Record) -> str:
    """Switch back to the account, and remove a `.env` that setup made and nobody edited."""
    path = context.root / FILE
    if account.read(path) is None:
        return ""
    is_restored = account.restore(context.root, written=_last_digest(context))
    if done.facts["made"] == "True":
        if files.sha256(account.read(path) or "") in _ours(context):
            path.unlink()
            return f"removed {FILE}"
        return f"kept {FILE}: it was edited since"
    if reversal.undone(path, done) or is_restored:
        return f"put back {FILE} as it was before"
    return ""


def _ours(context: Context) -> set[str]:
    """Return the digests of every `.env` that setup alone wrote.

    A text that setup changed counts only where the text before it counts: else it holds a person's edit.
    """
    ours: set[str] = set()
    for found in journal.of(context).read():
        if found.step == NAME and (found.facts["made"] == "True" or found.facts["before"] in ours):
            ours |= {found.facts["sha256"], found.facts["before"]}
    return ours


def _last_digest(context: Context) -> str | None:
    last = journal.of(context).last(NAME)
    return last.facts.get("sha256") if last else None


def _missing(values: Mapping[str, str]) -> str:
    has_keys = values.get("AWS_ACCESS_KEY_ID") and values.get("AWS_SECRET_ACCESS_KEY")
    has_identity = has_keys or values.get("AWS_PROFILE") or values.get(dotenv.KEYRING)
    return "" if has_identity else "; it names no keys or profile, so boto3 looks for an identity by itself"


def _unloaded(text: str) -> str:
    return "".join(f"; {line}" for line in dotenv.refused_lines(text, account.values_of(text)))


def _counted(lines: list[str]) -> str:
    if not lines:
        return "new settings of the template, commented out"
    return f"{len(lines)} changed value{'' if len(lines) == 1 else 's'}"
