"""The frames of functions that handle secrets as plain text: an exception leaves them without their locals.

Where a value passes through a parser, a template or an editor of text, no type of ours can go along with it.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import ParamSpec, TypeVar

    P = ParamSpec("P")
    T = TypeVar("T")

CO_OPTIMIZED = 1  # of `inspect`, whose import a `cd` need not pay


def without_locals(function: "Callable[P, T]") -> "Callable[P, T]":
    """Return `function`; an exception that leaves it shows no local, neither its own nor of what it called.

    A log, `pytest -l` and a debugger after the fact show the lines all the same.
    """

    def guarded(*words: "P.args", **named: "P.kwargs") -> "T":
        try:
            return function(*words, **named)
        except BaseException as problem:
            del words, named
            _clear(problem)
            raise

    guarded.__name__, guarded.__doc__ = function.__name__, function.__doc__
    guarded.__dict__["__wrapped__"] = function
    return guarded


def _clear(problem: BaseException) -> None:
    from contextlib import suppress

    left: list[BaseException | None] = [problem]
    seen: list[BaseException] = []
    while left:
        one = left.pop()
        if one is None or one in seen:
            continue
        seen.append(one)
        left += [one.__cause__, one.__context__]
        trace = one.__traceback__
        while trace:
            frame = trace.tb_frame
            with suppress(RuntimeError):  # still running: whoever called the guarded function
                frame.clear()
            if not frame.f_code.co_flags & CO_OPTIMIZED and frame.f_locals is not frame.f_globals:
                frame.f_locals.clear()  # Jinja makes such frames, to show a template's lines
            trace = trace.tb_next
