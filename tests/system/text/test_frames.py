"""Functions whose locals are secrets: an exception leaves them without any."""

import functools
from types import FrameType
from typing import Any

import pytest

from rolecall.system.text.frames import without_locals


def parse(text: str) -> None:
    """Fail with the text among the locals."""
    held = f"held {text}"
    int(held)


def look(text: str) -> None:
    """Fail in another way."""
    held = f"held {text}"
    dict[str, str]()[held]


def deeper(text: str) -> None:
    """Fail with a cause and a context, each with frames of its own."""
    held = f"held {text}"
    try:
        parse(held)
    except ValueError as problem:
        try:
            look(held)
        except KeyError:
            raise LookupError(len(held)) from problem


@without_locals
def guarded(text: str, *, is_wrong: bool = True) -> str:
    """Return the text, but where it is wrong."""
    own = f"own {text}"
    if is_wrong:
        deeper(text)
    return own


@without_locals
def caused(text: str) -> None:
    """Fail with a cause, and without a context."""
    try:
        parse(text)
    except ValueError as problem:
        kept = problem
    raise LookupError(len(text)) from kept


@without_locals
def rendering(text: str) -> None:
    """Fail in code that runs in a namespace of its own, as Jinja's does."""
    exec("held = text + '!'\nint(held)", {}, {"text": text})  # noqa: S102 - what Jinja does


def frames(problem: BaseException | None, seen: tuple[BaseException, ...] = ()) -> list[FrameType]:
    """Return the frames of an exception, of its cause and of its context."""
    if problem is None or problem in seen:
        return []
    found, trace = [], problem.__traceback__
    while trace:
        found.append(trace.tb_frame)
        trace = trace.tb_next
    seen = (*seen, problem)
    return [*found, *frames(problem.__cause__, seen), *frames(problem.__context__, seen)]


@pytest.mark.parametrize("fails", [guarded, caused, rendering, functools.partial(guarded, is_wrong=True)])
def test_without_locals_when_it_fails_then_no_frame_holds_the_text(fails: Any) -> None:
    """Neither its own, nor those of what it called, of the cause, and of what was caught on the way."""
    with pytest.raises((LookupError, ValueError)) as raised:
        fails("the text")
    mine = [frame for frame in frames(raised.value) if frame.f_code.co_filename == __file__]
    others = [frame for frame in frames(raised.value) if frame.f_code.co_filename != __file__]
    inside = [frame for frame in mine if not frame.f_code.co_name.startswith("test_")] + others
    assert inside
    assert not [
        value for frame in inside for value in map(str, frame.f_locals.values()) if "the text" in value
    ]
    assert "text" not in vars(raised.value)


def test_without_locals_when_all_is_well_then_is_the_function_itself() -> None:
    """With its name, its words, and a way to what it wraps."""
    assert guarded("x", is_wrong=False) == "own x"
    assert (guarded.__name__, guarded.__doc__) == ("guarded", "Return the text, but where it is wrong.")
    assert guarded.__wrapped__("x", is_wrong=False) == "own x"  # type: ignore[attr-defined] # for inspect


def test_without_locals_when_code_runs_as_a_module_then_its_globals_stay() -> None:
    """They are not a call's: what is defined there goes on to be used."""
    namespace: dict[str, object] = {"kept": 1}

    @without_locals
    def running() -> None:
        exec("int('x')", namespace)  # noqa: S102 - a module's code runs so

    with pytest.raises(ValueError, match="invalid literal"):
        running()
    assert namespace["kept"] == 1


def test_without_locals_when_causes_form_a_circle_then_ends() -> None:
    """Two exceptions may name each other."""

    @without_locals
    def circle() -> None:
        one, two = ValueError("one"), ValueError("two")
        one.__cause__, two.__cause__ = two, one
        raise one

    with pytest.raises(ValueError, match="one"):
        circle()
