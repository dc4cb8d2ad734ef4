"""Doctor: each symptom seen on a real machine's files, with a stable id and the command that fixes it."""

import base64
import json
import subprocess
import zlib
from collections.abc import Callable, Iterator
from email.utils import formatdate
from functools import partial
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest

from rolecall.workstation.doctor import direnv as doctor_direnv
from rolecall.workstation.doctor import env_files, network
from rolecall.workstation.doctor import programs as doctor_programs
from rolecall.workstation.doctor import report as doctor_report
from rolecall.workstation.doctor.network import Reply
from rolecall.workstation.doctor.symptom import Level, Symptom
from rolecall.workstation.steps.step import Context, Finding, State, Step

NOW = 1_800_000_000.0


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """Make a project that is a git work tree with a private `.env`."""
    root = tmp_path / "shop"
    (root / "envrc.d").mkdir(parents=True)
    subprocess.run(["git", "init", "-q", root], check=True)
    (root / ".env").write_text("AWS_REGION=eu-west-1\n")
    (root / ".env").chmod(0o600)
    return root


def by_id(found: Iterator[Symptom]) -> dict[str, Symptom]:
    return {symptom.id: symptom for symptom in found}


def test_look_at_private_files_is_content_with_a_right_project(shop: Path) -> None:
    """Nothing wrong, nothing said."""
    found = by_id(env_files.look(Context(shop)))
    assert {symptom.level for symptom in found.values()} == {Level.OK}


def test_look_at_private_files_sees_a_readable_env_and_mends_it(shop: Path) -> None:
    """0644 is a problem; its mend is safe."""
    (shop / ".env").chmod(0o644)
    found = by_id(env_files.look(Context(shop)))["env-private"]
    assert found.level is Level.PROBLEM
    assert found.fix.startswith("chmod 600")
    assert found.mend is not None
    found.mend()
    assert (shop / ".env").stat().st_mode & 0o777 == 0o600


def test_look_at_private_files_sees_a_tracked_env(shop: Path) -> None:
    """A committed `.env` says how to take it out, and that its keys are lost."""
    subprocess.run(["git", "add", "-f", ".env"], cwd=shop, check=True)
    found = by_id(env_files.look(Context(shop)))["env-tracked"]
    assert found.fix == "git rm --cached .env"
    assert "replace" in found.detail


def test_look_at_private_files_notes_a_parents_envrc(shop: Path) -> None:
    """It is not loaded in here, which surprises people."""
    (shop.parent / ".envrc").touch()
    found = by_id(env_files.look(Context(shop)))["parent-envrc"]
    assert found.level is Level.NOTE
    assert "source_up" in found.fix


def loaded(root: Path) -> dict[str, str]:
    return {"DIRENV_FILE": str(root / ".envrc"), "DIRENV_DIR": f"-{root}"}


@pytest.mark.parametrize(
    ("make", "level"),
    [
        (loaded, Level.OK),
        (lambda _: {}, Level.PROBLEM),
        (lambda root: loaded(root.parent / "other"), Level.PROBLEM),
    ],
    ids=["loaded", "none", "another"],
)
def test_look_at_the_hook_sees_the_calling_shell(
    shop: Path, home: Path, make: Callable[[Path], dict[str, str]], level: Level
) -> None:
    """What direnv exported into this very process tells whether the hook runs in its shell."""
    environ = {"HOME": str(home), "SHELL": "/bin/bash", **make(shop)}
    assert by_id(doctor_direnv.look(Context(shop, environ=environ)))["hook-active"].level is level


def test_look_at_the_hook_sees_the_wrong_order(shop: Path, home: Path) -> None:
    """A hook line added after our block makes renewals late."""
    from rolecall.workstation.shells import block

    text = block.wrapped("true\n") + 'eval "$(direnv hook bash)"\n'
    (home / ".bashrc").write_text(text)
    environ = {"HOME": str(home), "SHELL": "/bin/bash"}
    assert by_id(doctor_direnv.look(Context(shop, environ=environ)))["hook-order"].level is Level.PROBLEM
    (home / ".bashrc").write_text('eval "$(direnv hook bash)"\n' + block.wrapped("true\n"))
    assert by_id(doctor_direnv.look(Context(shop, environ=environ)))["hook-order"].level is Level.OK


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[global]\nstrict_env = true\n", "strict_env"),
        ("[global]\ndisable_stdin = true\n", "disable_stdin"),
        ("[global\n", "cannot be read"),
    ],
)
def test_look_at_the_hook_sees_settings_that_break_us(shop: Path, home: Path, text: str, told: str) -> None:
    """direnv.toml is read, and the setting named."""
    (home / ".config/direnv").mkdir(parents=True)
    (home / ".config/direnv/direnv.toml").write_text(text)
    environ = {"HOME": str(home), "SHELL": "/bin/bash"}
    found = by_id(doctor_direnv.look(Context(shop, environ=environ)))["direnv-toml"]
    assert found.level is Level.PROBLEM
    assert told in found.detail


def test_look_at_the_hook_notes_long_lived_keys_of_the_shell(shop: Path, home: Path) -> None:
    """Keys exported by an rc file are told; those that direnv will take away again are not."""
    keys = {"AWS_ACCESS_KEY_ID": "AKIAEXAMPLE000000001"}
    diff = base64.urlsafe_b64encode(zlib.compress(json.dumps({"p": {}, "n": keys}).encode())).decode()
    environ = {"HOME": str(home), "SHELL": "/bin/bash", **keys}
    assert by_id(doctor_direnv.look(Context(shop, environ=environ)))["keys-exported"].level is Level.NOTE
    environ["DIRENV_DIFF"] = diff
    assert by_id(doctor_direnv.look(Context(shop, environ=environ)))["keys-exported"].level is Level.OK


def test_look_at_programs_sees_the_first_aws(shop: Path, home: Path, tmp_path: Path) -> None:
    """Version 1 that hides version 2 is named with its file."""
    folder = tmp_path / "first"
    folder.mkdir()
    (folder / "aws").write_text("#!/bin/sh\necho aws-cli/1.45.11 Python/3.11\n")
    (folder / "aws").chmod(0o755)
    environ = {"HOME": str(home), "PATH": f"{folder}:/usr/bin:/bin"}
    found = by_id(doctor_programs.look(Context(shop, environ=environ)))["aws-which"]
    assert found.level is Level.NOTE
    assert f"{folder}/aws is 1.45.11" in found.detail


@pytest.mark.parametrize(
    ("seconds", "level"),
    [(0, Level.OK), (30, Level.OK), (-90, Level.NOTE), (400, Level.PROBLEM), (-86400, Level.PROBLEM)],
)
def test_look_at_the_network_compares_the_clocks(shop: Path, seconds: int, level: Level) -> None:
    """SigV4 refuses from five minutes on; a minute is worth knowing."""
    reply = Reply(date=formatdate(NOW - seconds, usegmt=True))
    found = by_id(network.look(Context(shop), ask=lambda _url, _environ: reply, clock=lambda: NOW))
    assert found["clock-skew"].level is level


def test_look_at_the_network_asks_a_real_server_unsigned(shop: Path) -> None:
    """The Date of a server on loopback is read; no credential is sent to it."""
    seen: list[dict[str, str]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            seen.append(dict(self.headers))
            self.send_response(302)
            self.send_header("Location", "http://192.0.2.1/")
            self.end_headers()

        def log_message(self, *_: object) -> None: ...

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        (shop / ".env").write_text(
            f"AWS_ENDPOINT_URL=http://127.0.0.1:{server.server_port}\nAWS_SECRET_ACCESS_KEY=x\n"
        )
        found = by_id(network.look(Context(shop)))
        server.shutdown()
    assert found["sts-reachable"].level is Level.OK
    assert found["clock-skew"].level is Level.OK
    assert len(seen) == 1
    assert "Authorization" not in seen[0]


def test_look_at_the_network_names_a_sandbox_that_is_down(shop: Path) -> None:
    """After a reboot: the command that starts it."""
    (shop / ".env").write_text("AWS_ENDPOINT_URL=http://127.0.0.1:9\n")
    found = by_id(network.look(Context(shop)))["sts-reachable"]
    assert (found.level, found.fix) == (Level.PROBLEM, "invoke sandbox")


def test_look_at_the_network_names_a_company_certificate(shop: Path) -> None:
    """A proxy that opens TLS needs AWS_CA_BUNDLE."""
    reply = Reply(problem="certificate verify failed", is_certificate=True)
    found = by_id(network.look(Context(shop), ask=lambda _url, _environ: reply))["sts-reachable"]
    assert "AWS_CA_BUNDLE" in found.fix


def test_look_at_the_network_sees_a_proxy_that_catches_loopback(
    shop: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SDKs would look for the sandbox at the proxy."""
    (shop / ".env").write_text("AWS_ENDPOINT_URL=http://127.0.0.1:9\n")
    monkeypatch.delenv("no_proxy")
    monkeypatch.delenv("NO_PROXY")
    found = by_id(network.look(Context(shop), ask=lambda _url, _environ: Reply()))["proxy-loopback"]
    assert found.level is Level.PROBLEM
    assert "NO_PROXY" in found.fix


def test_look_at_the_network_tells_a_broken_roles_file(shop: Path) -> None:
    """The file, the line and the key come from the one who reads it."""
    (shop / "envrc.d/roles.toml").write_text("[roles.dev]\nrole_arn = 1\n")
    found = by_id(network.look(Context(shop)))["config"]
    assert "roles.toml" in found.detail


def step(name: str, state: State, *, optional: bool = False) -> Step:
    return Step(
        name,
        "a toy",
        f"fix {name}",
        lambda _: Finding(state, "as found"),
        lambda _: None,
        lambda _context, _record: "",
        optional=optional,
    )


def test_examine_reports_every_step_with_its_fix(shop: Path) -> None:
    """A step that is not done is a problem, an optional one a note; a problem makes the exit code 1."""
    found = {
        symptom.id: symptom
        for symptom in doctor_report.examine(
            [step("a", State.DONE), step("b", State.CHANGE), step("c", State.CHANGE, optional=True)],
            Context(shop),
        )
    }
    assert [found[name].level for name in "abc"] == [Level.OK, Level.PROBLEM, Level.NOTE]
    assert found["b"].fix == "fix b"
    assert doctor_report.exit_code(list(found.values())) == 1
    assert doctor_report.exit_code([found["a"], found["c"]]) == 0
    assert json.loads(doctor_report.as_json([found["b"]]))["checks"][0]["fix"] == "fix b"


def test_mend_does_only_what_is_safe(shop: Path) -> None:
    """--fix never approves code, edits an rc file or installs a program."""
    applied: list[str] = []
    done: set[str] = set()

    def do(name: str, _: Context) -> None:
        applied.append(name)
        done.add(name)

    def toy(name: str) -> Step:
        return Step(
            name,
            "a toy",
            "",
            lambda _: Finding(State.DONE if name in done else State.CHANGE, ""),
            partial(do, name),
            lambda _context, _record: "",
        )

    table = [toy(name) for name in ("direnv", "ignored", "env", "envrc", "approval", "shell-bash")]
    context = Context(shop)
    mended = doctor_report.mend(table, context, doctor_report.examine(table, context))
    assert applied == ["ignored", "env"]
    assert mended == ["ignored", "env"]


def test_as_lines_shows_what_is_wrong_and_counts_the_rest() -> None:
    """A healthy machine takes one line."""
    fine = Symptom("a", Level.OK, "good")
    assert [line for _, line in doctor_report.as_lines([fine, fine])] == ["all 2 checks are fine"]
    lines = [
        line for _, line in doctor_report.as_lines([fine, Symptom("bb", Level.PROBLEM, "bad", "mend it")])
    ]
    assert lines == ["!  bb  bad", "   " + "    try: mend it", "1 of 2 checks are fine, 1 needs you"]
