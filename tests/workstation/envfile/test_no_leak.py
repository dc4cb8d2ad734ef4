"""No secret in a traceback with all its locals, wherever it breaks while keys are asked for, kept or read."""

import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from types import CodeType, FrameType

import pytest

import rolecall
from rolecall.credentials.aws.query.signature import Keys
from rolecall.project import config, snapshot
from rolecall.system.text.secret import Secret
from rolecall.workstation.envfile import account, known, questions, readers, step
from rolecall.workstation.keys import place
from rolecall.workstation.steps.step import Answers, Context
from support.script import Script

KEY, OTHER_KEY = "AKIAEXAMPLE000000001", "AKIAEXAMPLE000000002"
SECRET, OTHER = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", "second/secret+of=the-same-person"
ARN = "arn:aws:iam::123456789012:role/dev"
PACKAGE = str(Path(rolecall.__file__).parent)
SANDBOX = {
    "AWS_ACCESS_KEY_ID": OTHER_KEY,
    "AWS_SECRET_ACCESS_KEY": "sandbox",
    "AWS_ENDPOINT_URL": "http://127.0.0.1:9",
}


class FaultError(Exception):
    """What the tracer raises."""


def set_up(root: Path) -> None:
    """Ask, write `.env`, change it, go to the sandbox and back."""
    values = questions.answer(
        root, {}, environ={"HOME": str(root)}, person=Script("-", KEY, SECRET, ARN, "eu-west-1").person()
    )
    env = step.step(lambda _: SANDBOX)
    for answers in (Answers(yes=True, values=values), Answers(yes=True, sandbox=True), Answers(yes=True)):
        context = Context(root, answers, environ={"HOME": str(root)}, journal=lambda _: None)
        env.check(context)
        env.apply(context)
    readers.settings(root)
    known.has_account(root)
    account.is_sandboxed(root)


def replace_keys(root: Path) -> None:
    """Change the keys in `.env` and in a profile."""
    (root / ".env").write_text(f"AWS_ACCESS_KEY_ID={KEY}\nAWS_SECRET_ACCESS_KEY={SECRET}\n")
    file = root / "credentials"
    file.write_text(f"[ann]\naws_access_key_id = {KEY}\naws_secret_access_key = {SECRET}\n")
    for found in (place.EnvFile(root / ".env"), place.Profile(file, "ann")):
        found.read()
        found.write(Keys(OTHER_KEY, Secret(OTHER)))
        assert found.read().secret == Secret(OTHER)


def read_project(root: Path) -> None:
    """Read `.env` as a `cd` does, plain and not, and write what a shell gets of it."""
    for text in ("", "export GREETING='two words'\nUID=1\n"):
        (root / ".env").write_text(f"AWS_ACCESS_KEY_ID={KEY}\nAWS_SECRET_ACCESS_KEY={SECRET}\n{text}")
        snapshot.write(config.load(root), None)


@pytest.mark.parametrize("flow", [set_up, replace_keys, read_project])
def test_keys_when_any_function_breaks_then_no_frame_shows_a_secret(
    tmp_path: Path, flow: Callable[[Path], None]
) -> None:
    """Each function of ours that runs meanwhile breaks once, as it is entered."""
    broken = 0
    for number in range(1, 1000):
        root = tmp_path / str(number)
        root.mkdir()
        problem = met(flow, root, number)
        if problem is None:
            break
        broken += 1
        shown = "".join(traceback.TracebackException.from_exception(problem, capture_locals=True).format())
        leaks = [line for line in shown.splitlines() if SECRET in line or OTHER in line]
        assert not leaks, (str(problem), leaks)
    assert broken > 15


def met(flow: Callable[[Path], None], root: Path, number: int) -> FaultError | None:
    """Run `flow` and break in the function that is the `number`th to be entered; None where there is none."""
    seen: list[CodeType] = []

    def trace(frame: FrameType, event: str, _: object) -> None:
        code = frame.f_code
        is_ours = code.co_filename.startswith(PACKAGE) and not code.co_name.startswith("__")
        if event == "call" and is_ours and code not in seen:
            seen.append(code)
            if len(seen) == number:
                raise FaultError(code.co_qualname)

    sys.settrace(trace)
    try:
        flow(root)
    except FaultError as problem:
        return problem
    finally:
        sys.settrace(None)
    return None
