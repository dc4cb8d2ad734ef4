"""One step for each program that a project needs on the machine."""

import os
import tomllib
from collections.abc import Callable, Mapping, MutableMapping
from contextlib import suppress
from functools import partial

from rolecall.errors import MachineError, UsageError
from rolecall.system.disk import paths
from rolecall.system.programs.processes import find
from rolecall.workstation.programs import install, uninstall
from rolecall.workstation.programs.catalogue import AWS, DIRENV, ON_REQUEST, REQUIRED, everywhere
from rolecall.workstation.programs.packages import Run
from rolecall.workstation.programs.tool import Tool, look, search_path, shown, user_bin
from rolecall.workstation.steps import handover
from rolecall.workstation.steps.step import Context, Finding, Record, State, Step, record

TEST_PROGRAMS = ("zsh", "fish", "tcsh", "tmux", "strace")


def steps(context: Context) -> tuple[Step, ...]:
    """Return a step for each program this project needs.

    Raises UsageError where the person asks for a program that rolecall cannot install.
    """
    _extend_path(context.environ)
    return tuple(_step(tool) for tool in (*REQUIRED, *_requested(context)))


def every_step(context: Context) -> tuple[Step, ...]:
    """Return a step for each program rolecall can install, for teardown: wanted now or not."""
    _extend_path(context.environ)
    return tuple(_step(tool) for tool in (*REQUIRED, *ON_REQUEST))


def install_for_tests(say: Callable[[str], None], *, environ: Mapping[str, str] = os.environ) -> list[str]:
    """Install the programs that the tests start; return the names of those that could not be installed."""
    _extend_path(environ)
    plain = tuple(Tool(name, "for the tests", (), everywhere(name)) for name in TEST_PROGRAMS)
    missing = []
    for tool in (*REQUIRED, *plain):
        if find(tool.name, path=search_path(environ)) and look(tool, environ=environ).meets(tool.minimum):
            continue
        try:
            install.install(tool, Run(environ, say))
        except MachineError as problem:
            say(problem.message)
            missing.append(tool.name)
    return missing


def _step(tool: Tool) -> Step:
    needed = f"{tool.name} {shown(tool.minimum)} or newer" if tool.minimum else tool.name
    return Step(
        name=tool.name,
        reason=f"{needed}, {tool.reason}",
        hint="invoke setup",
        check=partial(_check, tool),
        apply=partial(_apply, tool),
        undo=partial(_undo, tool),
        optional=tool not in REQUIRED,
        shared=True,
        user=lambda context, _: handover.user(context),
    )


def _check(tool: Tool, context: Context) -> Finding:
    found = look(tool, environ=context.environ)
    note = f"; hides {', '.join(str(path) for path in found.hidden)}" if found.hidden else ""
    if found.meets(tool.minimum):
        return Finding(State.DONE, f"{found.path} is {shown(found.version)}{note if tool is AWS else ''}")
    problem = f"{found.path} is {shown(found.version)}, too old{note}" if found.path else "not found"
    way = install.plan(tool, environ=context.environ)
    if way is None:
        return Finding(State.UNKNOWN, f"{problem}; rolecall cannot install it here: {tool.by_hand}")
    return Finding(State.CHANGE, f"{problem}; would be installed: {way}")


def _apply(tool: Tool, context: Context) -> None:
    if look(tool, environ=context.environ).meets(tool.minimum):
        return

    def journal(facts: dict[str, str]) -> None:
        context.journal(record(tool.name, **facts))

    install.install(tool, Run(context.environ, context.say, journal, context.paused))
    _extend_path(context.environ)


def _undo(tool: Tool, context: Context, done: Record) -> str:
    if line := handover.kept(done, context, tool.name):
        return line
    if tool is DIRENV and _has_approvals(context.environ):
        return "kept direnv: you let it run in other folders since"
    return uninstall.undo(done.facts, environ=context.environ, is_kept=tool.is_kept)


def _has_approvals(environ: Mapping[str, str]) -> bool:
    """Return whether direnv is used in other folders: our own approval is withdrawn by now."""
    allowed = paths.xdg("XDG_DATA_HOME", ".local/share", environ=environ) / "direnv/allow"
    return allowed.is_dir() and any(allowed.iterdir())


def _requested(context: Context) -> tuple[Tool, ...]:
    known = {tool.name: tool for tool in (*REQUIRED, *ON_REQUEST)}
    unknown = next((name for name in context.answers.tools if name not in known), None)
    if unknown:
        offered = ", ".join(tool.name for tool in ON_REQUEST)
        raise UsageError(
            "tool-unknown",
            f"rolecall cannot install {unknown!r}; it can install {offered}",
            hint=f"invoke setup --tool {ON_REQUEST[0].name}",
        )
    names = dict.fromkeys((*context.answers.tools, *_declared(context)))
    found = (known.get(name) or _foreign(name) for name in names)
    return tuple(tool for tool in found if tool not in REQUIRED)


def _foreign(name: str) -> Tool:
    """Return a program that the team asks for and rolecall can only look for."""
    return Tool(name, "because envrc.d/roles.toml asks for it", (), {}, by_hand=f"install {name} yourself")


def _declared(context: Context) -> tuple[str, ...]:
    """Return the tools of roles.toml. The step `roles` reports a file that cannot be read."""
    with suppress(OSError, ValueError, AttributeError):
        text = (context.root / "envrc.d/roles.toml").read_text(encoding="utf-8")
        tools = tomllib.loads(text).get("project", {}).get("tools", [])
        return tuple(name for name in tools if isinstance(name, str)) if isinstance(tools, list) else ()
    return ()


def _extend_path(environ: Mapping[str, str]) -> None:
    """Let the rest of this run find programs in ~/.local/bin, as new shells will."""
    if isinstance(environ, MutableMapping) and user_bin(environ).is_dir():
        environ["PATH"] = search_path(environ)
