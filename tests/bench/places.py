"""The work that is measured: ways into a project, and the bare ones they are held against.

It says how each subject runs and when it is cold. Must not judge, or know the budgets.
"""

import compileall
import time
from dataclasses import dataclass
from pathlib import Path

from arena import REGION, ROLE_ARN, Arena, BenchError, Place, export_lines, exports, has_credentials
from timing import Subject

import rolecall
from rolecall.credentials.store import recent_failure
from rolecall.system.disk import place
from rolecall.system.programs.processes import Result
from rolecall.workstation.envrc import runtime
from support import free_port

ENOUGH_SECONDS = 10  # of the half minute that a failure is remembered
BARE = (
    "import boto3\n"
    f"answer = boto3.client('sts').assume_role(RoleArn='{ROLE_ARN}', RoleSessionName='bench')\n"
    "assert answer['Credentials']['SessionToken']"
)


@dataclass(frozen=True, slots=True)
class Places:
    """The folders of a run: two warm projects, a cold one, one whose STS refuses, and two static."""

    arena: Arena
    warm: Place
    cold: Place
    offline: Place
    static: Place
    line: Place
    static_use: Place

    def quick(self) -> dict[str, Subject]:
        """Return what takes milliseconds."""
        python = self.warm.root / ".venv/bin/python"
        ask: list[str | Path] = [python, "-m", "rolecall", "credential-process", "dev", self.warm.root]
        return _named(
            Subject("warm cd", lambda: self.arena.cd(self.warm), is_right=has_credentials),
            Subject("static .envrc", lambda: self.arena.cd(self.static), is_right=has_credentials),
            Subject(
                "warm cd, use rolecall",
                lambda: self.arena.cd(self.line, self.arena.with_lib),
                is_right=has_credentials,
            ),
            Subject("static use", lambda: self.arena.cd(self.static_use), is_right=has_credentials),
            Subject("offline cd", lambda: self.arena.cd(self.offline), self._fail_first, _is_offline),
            Subject(
                "credential_process",
                lambda: self.arena.run(ask),
                is_right=lambda done: "SessionToken" in done.out,
            ),
            Subject("python -c pass", lambda: self.arena.run([python, "-c", "pass"])),
        )

    def slow(self) -> dict[str, Subject]:
        """Return what starts Python and asks STS."""
        folder = self.cold.root / ".venv/bin"
        sts = self.arena.sts
        keys = {"AWS_ACCESS_KEY_ID": sts.key_id, "AWS_SECRET_ACCESS_KEY": sts.secret}
        keys |= {"AWS_ENDPOINT_URL": sts.url, "AWS_REGION": REGION}
        bare: list[str | Path] = [folder / "python", "-c", BARE]
        return _named(
            Subject(
                "invoke assume",
                lambda: self.arena.run([folder / "invoke", "assume"], self.cold.root),
                self.cold.forget,
            ),
            Subject("boto3 script", lambda: self.arena.run(bare, environ=keys)),
            Subject("assume in .envrc", lambda: self.arena.run(self._called()), self.cold.forget),
            Subject("cold cd", lambda: self.arena.cd(self.cold), self.cold.end_session, has_credentials),
            Subject("first cd", lambda: self.arena.cd(self.cold), self.cold.forget, has_credentials),
        )

    def _called(self) -> list[str | Path]:
        """Return what `.envrc` starts on a cold `cd` (envrc.d/51-session.cold.sh, `_rolecall_call`)."""
        found = runtime.constants(self.cold.root)
        door = f"{found['package']}/__main__.py"
        return [
            "env",
            f"ROLECALL_SITE={found['site']}",
            found["python"],
            "-I",
            "-S",
            door,
            "assume",
            self.cold.root,
        ]

    def _fail_first(self) -> None:
        """Enter once, unless that failure is remembered long enough."""
        failure = recent_failure.read(place.at(self.offline.root), "dev")
        if failure is None or failure.until - time.time() < ENOUGH_SECONDS:
            recent_failure.clear(place.at(self.offline.root), "dev")
            self.arena.cd(self.offline)


def prepare(arena: Arena) -> Places:
    """Make the folders. Raises BenchError where the warm one does not get warm."""
    for folder in rolecall.__path__:  # an installer does; Invoke would compile what changed anew each time
        compileall.compile_dir(folder, quiet=2)
    warm = arena.project("warm")
    arena.cd(warm)
    found = arena.cd(warm)
    if not has_credentials(found):
        raise BenchError(f"a cd into the rendered project gives no credentials: {found.err.strip()}")
    static = arena.plain("static", export_lines(exports(found)))
    line = arena.project("line", with_line=True)
    for _ in range(2):
        found = arena.cd(line, arena.with_lib)
    if not has_credentials(found):
        raise BenchError(f"a cd into the project with the line gives no credentials: {found.err.strip()}")
    function = f"use_static() {{\n{export_lines(exports(found))}}}\nuse static\n"
    offline = arena.project("offline", endpoint=f"http://127.0.0.1:{free_port()}")
    static_use = arena.plain("static-use", function)
    return Places(arena, warm, arena.project("cold"), offline, static, line, static_use)


def _is_offline(done: Result) -> bool:
    return done.is_ok and "AWS_SESSION_TOKEN" not in exports(done) and "rolecall:" in done.err


def _named(*subjects: Subject) -> dict[str, Subject]:
    return {subject.name: subject for subject in subjects}
