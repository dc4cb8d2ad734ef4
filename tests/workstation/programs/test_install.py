"""Which way is taken to a tool: fakes of every manager, and downloads from a server on loopback."""

import hashlib
import http.server
import io
import os
import stat
import tarfile
import threading
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from rolecall.errors import MachineError
from rolecall.workstation.programs import catalogue, managers, uninstall
from rolecall.workstation.programs import install as routes
from rolecall.workstation.programs import tool as tools
from rolecall.workstation.programs.tool import Pin, Tool, look
from support import fake_workstation as fakes

SYSTEM = [manager.name for manager in managers.MANAGERS if manager.needs_root]
BINARY = b"#!/bin/sh\necho 2.37.1\n"


@pytest.fixture
def machine(tmp_path: Path, home: Path) -> fakes.Machine:
    """Make a machine with nothing on PATH."""
    return fakes.machine(tmp_path / "bin", home)


@pytest.fixture
def tool() -> Tool:
    """Return direnv without any download."""
    return replace(catalogue.DIRENV, pins={})


@pytest.fixture
def served() -> Iterator[tuple[str, dict[str, bytes]]]:
    """Serve files on loopback; return the base URL and the files by path."""
    files: dict[str, bytes] = {}

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            content = files.get(self.path)
            if content is None:
                self.send_error(404)
                return
            self.send_response(200)
            self.send_header("Content-Length", str(len(content) + (9 if self.path.startswith("/cut") else 0)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}", files
        server.shutdown()
        thread.join()


def pinned(tool: Tool, url: str, content: bytes, *, kind: str = "binary") -> Tool:
    """Return `tool` with a download for this machine."""
    pin = Pin(url, hashlib.sha256(content).hexdigest(), kind=kind)
    return replace(tool, pins={tools.machine(): pin}, packages={})


def as_root(**_: object) -> tuple[str, ...]:
    return ()


def as_nobody(**_: object) -> None:
    return None


def install(tool: Tool, machine: fakes.Machine, root: object = as_root) -> Mapping[str, str]:
    """Install, and give back the facts."""
    return routes.install(tool, environ=machine.environ, say=lambda _: None, root_finder=root)  # type: ignore[arg-type] # a test's own


@pytest.mark.parametrize("name", SYSTEM)
def test_install_with_each_manager_takes_its_package(machine: fakes.Machine, tool: Tool, name: str) -> None:
    """Asked first, then installed; nothing is refreshed where the lists have it."""
    machine.add_manager(name, version="2.37.1", installs="2.37.1")
    assert install(tool, machine) == {"manager": name, "package": "direnv", "had": "False"}
    assert len(machine.calls) == 2
    assert fakes.INSTALL[name] in machine.calls[1].split()
    assert not any(fakes.REFRESH[name] in call.split() for call in machine.calls)


@pytest.mark.parametrize("name", ["brew", "nix"])
def test_install_with_a_users_manager_needs_no_root(
    machine: fakes.Machine, tool: Tool, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Homebrew and nix install for the user alone: sudo is not even looked for."""
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    machine.add_manager(name, version="2.37.1", installs="2.37.1")

    def never(**_: object) -> tuple[str, ...]:
        raise AssertionError("root was asked for")

    assert install(tool, machine, never)["manager"] == name


@pytest.mark.parametrize("name", SYSTEM)
def test_install_with_old_lists_refreshes_once_and_then_finds_it(
    machine: fakes.Machine, tool: Tool, name: str
) -> None:
    """A fresh container has no lists at all."""
    machine.add_manager(name, version=None, after_refresh="2.37.1", installs="2.37.1")
    install(tool, machine)
    assert sum(fakes.REFRESH[name] in call.split() for call in machine.calls) == 1


def test_install_where_a_refresh_fails_for_a_third_partys_list_goes_on(
    machine: fakes.Machine, tool: Tool
) -> None:
    """apt-get update exits 100 for one dead list; the others were refreshed all the same."""
    machine.add_manager("apt", version=None, after_refresh="2.37.1", installs="2.37.1")
    script = machine.folder / "apt-get"
    script.write_text(script.read_text().replace("exit 0 ;;\n  install", "exit 100 ;;\n  install"))
    assert install(tool, machine)["manager"] == "apt"


def test_install_where_the_package_is_too_old_downloads(
    machine: fakes.Machine, tool: Tool, served: tuple[str, dict[str, bytes]]
) -> None:
    """A package below the minimum is not installed at all."""
    base, files = served
    files["/direnv"] = BINARY
    machine.add_manager("apt", version="2.20.0", installs="2.20.0")
    both = replace(pinned(tool, f"{base}/direnv", BINARY), packages=tool.packages)
    facts = install(both, machine)
    assert facts["file"] == str(machine.home / ".local/bin/direnv")
    assert not any("install" in call.split() for call in machine.calls)
    assert look(both, environ=machine.environ).version == (2, 37, 1)


def test_install_without_root_takes_the_users_own_copy(
    machine: fakes.Machine, tool: Tool, served: tuple[str, dict[str, bytes]]
) -> None:
    """No sudo, no hang: the package is left and the pinned binary taken."""
    base, files = served
    files["/direnv"] = BINARY
    machine.add_manager("apt", version="2.37.1", installs="2.37.1")
    both = replace(pinned(tool, f"{base}/direnv", BINARY), packages=tool.packages)
    assert "file" in install(both, machine, as_nobody)


def test_install_without_any_way_says_the_exact_command(
    machine: fakes.Machine, tool: Tool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What to type is for this machine's manager, with sudo."""
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    machine.add_manager("apt", version="2.37.1")
    with pytest.raises(MachineError) as caught:
        install(tool, machine, as_nobody)
    assert caught.value.exit_code == 1
    assert caught.value.hint == "sudo apt-get install -y --no-install-recommends direnv"
    assert "direnv 2.32 or newer is needed" in caught.value.message


def test_install_that_fails_gives_the_managers_last_word(machine: fakes.Machine, tool: Tool) -> None:
    """The reason is the manager's own; it was tried again after a refresh."""
    machine.add_manager("apt", version="2.37.1", code=100)
    with pytest.raises(MachineError, match="apt failed: E: it broke"):
        install(tool, machine)
    assert sum("install" in call.split() for call in machine.calls) == 2


def test_install_of_a_tool_that_another_file_would_hide_installs_nothing(machine: fakes.Machine) -> None:
    """A version 1 `aws` before the manager's on PATH: told which file wins; no package for nothing."""
    first = machine.folder.parent / "shims"
    machine.add_tool("aws", "aws-cli/1.45.11 Python/3.11.7", folder=first)
    machine.add_manager("apt", version="2.9.19")
    environ = {**machine.environ, "PATH": f"{first}:{machine.folder}"}
    aws = replace(catalogue.AWS, pins={})
    assert look(aws, environ=environ).version == (1, 45, 11)
    with pytest.raises(MachineError, match=r"shims/aws \(1\.45\.11\) comes first on PATH"):
        routes.install(aws, environ=environ, say=lambda _: None, root_finder=as_root)
    assert not any("install" in call.split() for call in machine.calls)


def test_install_whose_program_lands_behind_another_says_which_wins(
    machine: fakes.Machine, tool: Tool
) -> None:
    """The manager says it is done, but the old file still runs: that is not success."""
    machine.add_tool("direnv", "2.20.0")
    machine.add_manager("apt", version="2.37.1")
    with pytest.raises(MachineError, match=r"bin/direnv \(2\.20\.0\) comes first on PATH"):
        install(tool, machine)


def test_download_with_the_pinned_digest_is_executable_and_undone(
    machine: fakes.Machine, tool: Tool, served: tuple[str, dict[str, bytes]]
) -> None:
    """Placed whole in ~/.local/bin; undo removes it and the folders that were made for it."""
    base, files = served
    files["/direnv"] = BINARY
    facts = install(pinned(tool, f"{base}/direnv", BINARY), machine)
    placed = machine.home / ".local/bin/direnv"
    assert placed.read_bytes() == BINARY
    assert placed.stat().st_mode & 0o777 == 0o755
    assert uninstall.undo(facts, environ=machine.environ, is_kept=False) == f"removed {placed}"
    assert not (machine.home / ".local").exists()


def test_download_changed_since_is_kept_by_undo(
    machine: fakes.Machine, tool: Tool, served: tuple[str, dict[str, bytes]]
) -> None:
    """A file that is no longer what we placed is the person's."""
    base, files = served
    files["/direnv"] = BINARY
    facts = install(pinned(tool, f"{base}/direnv", BINARY), machine)
    Path(facts["file"]).write_bytes(b"#!/bin/sh\necho mine\n")
    assert "changed since" in uninstall.undo(facts, environ=machine.environ, is_kept=False)
    assert Path(facts["file"]).exists()


@pytest.mark.parametrize(
    ("path", "content", "reason"),
    [
        ("/direnv", b"something else", "has digest"),
        ("/gone", None, "404"),
        ("/cut", BINARY, "cannot download"),
    ],
    ids=["other-digest", "gone", "cut-short"],
)
def test_download_that_is_not_the_published_file_leaves_nothing(  # noqa: PLR0917 - fixtures and a table
    machine: fakes.Machine,
    tool: Tool,
    served: tuple[str, dict[str, bytes]],
    path: str,
    content: bytes | None,
    reason: str,
) -> None:
    """Wrong, missing or half: one clear error, and no file anywhere."""
    base, files = served
    if content is not None:
        files[path] = content
    with pytest.raises(MachineError, match=reason):
        install(pinned(tool, base + path, BINARY), machine)
    assert not (machine.home / ".local").exists()


def test_download_offline_is_one_clear_error(machine: fakes.Machine, tool: Tool) -> None:
    """No connection: which address, and what to look at."""
    with pytest.raises(MachineError, match=r"cannot download http://127.0.0.1:9/direnv: .*refused") as caught:
        install(pinned(tool, "http://127.0.0.1:9/direnv", BINARY), machine)
    assert "proxy" in caught.value.message


def test_download_where_an_old_one_lies_in_the_way_does_not_replace_it(
    machine: fakes.Machine, tool: Tool, served: tuple[str, dict[str, bytes]]
) -> None:
    """The person's own old copy in ~/.local/bin is theirs to move."""
    base, files = served
    files["/direnv"] = BINARY
    own = machine.add_tool("direnv", "2.20.0", folder=machine.home / ".local/bin")
    before = own.read_bytes()
    with pytest.raises(MachineError, match="there already"):
        install(pinned(tool, f"{base}/direnv", BINARY), machine)
    assert own.read_bytes() == before


def deb(files: Mapping[str, bytes]) -> bytes:
    """Return a Debian package as dpkg-deb makes it: ar(1) with two compressed tars."""
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w:gz") as archive:
        for name, content in files.items():
            info = tarfile.TarInfo(f"./usr/local/sessionmanagerplugin/{name}")
            info.size, info.mode = len(content), 0o755
            archive.addfile(info, io.BytesIO(content))
    members = {"debian-binary": b"2.0\n", "control.tar.gz": b"odd", "data.tar.gz": data.getvalue()}
    out = b"!<arch>\n"
    for name, content in members.items():
        out += f"{name:<16}{0:<12}{0:<6}{0:<6}{100644:<8}{len(content):<10}`\n".encode() + content
        out += b"\n" * (len(content) % 2)
    return out


def test_download_of_the_plugin_takes_the_package_apart_without_dpkg(
    machine: fakes.Machine, served: tuple[str, dict[str, bytes]]
) -> None:
    """The program and its VERSION come out; the version is read there where the program does not tell it."""
    base, files = served
    content = deb(
        {"bin/session-manager-plugin": b"#!/bin/sh\n:\n", "VERSION": b"1.2.835.0\n", "LICENSE": b"x"}
    )
    files["/plugin.deb"] = content
    plugin = pinned(catalogue.PLUGIN, f"{base}/plugin.deb", content, kind="deb")
    facts = install(plugin, machine)
    assert look(plugin, environ=machine.environ).version == (1, 2, 835, 0)
    uninstall.undo(facts, environ=machine.environ, is_kept=False)
    assert not (machine.home / ".local").exists()


def test_download_of_the_aws_cli_runs_its_installer_for_the_user(
    machine: fakes.Machine, served: tuple[str, dict[str, bytes]]
) -> None:
    """Execute bits come from the archive; the installer gets the user's folders; undo removes both."""
    base, files = served
    installer = (
        '#!/bin/sh\nPATH=/bin:/usr/bin\nmkdir -p "$2/v2/bin" && '
        "printf '#!/bin/sh\\necho aws-cli/2.23.6 Python/3.12\\n' >\"$2/v2/bin/aws\" && "
        'chmod +x "$2/v2/bin/aws" && '
        'ln -s "$2/v2/bin/aws" "$4/aws" && ln -s "$2/v2/bin/aws" "$4/aws_completer"\n'
    )
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        info = zipfile.ZipInfo("aws/install")
        info.external_attr = (stat.S_IFREG | 0o755) << 16
        archive.writestr(info, installer)
        archive.writestr("aws/dist/data", "x")
    files["/aws.zip"] = out.getvalue()
    aws = pinned(catalogue.AWS, f"{base}/aws.zip", out.getvalue(), kind="aws-zip")
    facts = install(aws, machine)
    assert look(aws, environ=machine.environ).version == (2, 23, 6)
    uninstall.undo(facts, environ=machine.environ, is_kept=False)
    assert not (machine.home / ".local").exists()


def test_pin_on_musl_is_not_offered_for_a_program_of_glibc(monkeypatch: pytest.MonkeyPatch) -> None:
    """The AWS CLI's zip does not start on Alpine."""
    monkeypatch.setattr(routes, "is_musl", lambda: True)
    monkeypatch.setattr(routes, "machine", lambda: "linux-x86_64")
    assert routes.pin(catalogue.AWS) is None
    assert routes.pin(catalogue.DIRENV) is not None


def test_plan_connects_to_nothing_and_installs_nothing(
    machine: fakes.Machine, tool: Tool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A plan asks only managers that answer from their own lists."""
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    for name in ("apt", "brew", "nix"):
        machine.add_manager(name, version="2.37.1")
    shown = routes.plan(tool, environ=machine.environ)
    assert shown == "sudo apt-get install -y --no-install-recommends direnv (has 2.37.1)"
    assert [call.split()[0] for call in machine.calls] == ["apt-cache"]


def test_plan_with_homebrew_alone_takes_it_at_its_word(
    machine: fakes.Machine, tool: Tool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Brew would connect to tell a version, so it is not asked."""
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    machine.add_manager("brew", version="2.37.1")
    assert routes.plan(tool, environ=machine.environ) == "brew install --quiet direnv"
    assert machine.calls == []


def test_undo_of_a_package_that_others_need_keeps_it(machine: fakes.Machine) -> None:
    """Apt is asked first what would go along."""
    machine.add_manager("apt", version="2.37.1")
    script = machine.folder / "apt-get"
    script.write_text("#!/bin/sh\necho Remv direnv\necho Remv other\n")
    said = uninstall.undo({"manager": "apt", "package": "direnv"}, environ=machine.environ, is_kept=False)
    assert "take others along" in said


def test_undo_of_a_package_that_was_upgraded_keeps_it(machine: fakes.Machine, tool: Tool) -> None:
    """An older version was the person's: teardown must not take the new one away."""
    machine.add_tool("direnv", "2.20.0")
    machine.add_manager("apt", version="2.37.1", installs="2.37.1")
    facts = install(tool, machine)
    assert "older version was there" in uninstall.undo(facts, environ=machine.environ, is_kept=False)


def test_plan_with_root_and_no_lists_says_that_it_would_refresh_them(
    machine: fakes.Machine, tool: Tool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The plan is what apply would try, in that order."""
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    machine.add_manager("apt", version=None)
    both = replace(pinned(tool, "https://x.example/direnv", BINARY), packages=tool.packages)
    shown = routes.plan(both, environ=machine.environ)
    assert shown is not None
    assert shown.startswith("apt's package, once its lists are refreshed; else download 2.37.1")


@pytest.mark.parametrize("moment", ["before", "after"])
def test_journal_has_a_download_before_it_begins_and_a_package_after(
    machine: fakes.Machine, tool: Tool, moment: str
) -> None:
    """A kill in between leaves no file unknown to the journal, and no record of another's package."""
    told: list[dict[str, str]] = []
    if moment == "after":
        machine.add_manager("apt", version="2.37.1", code=1)
    with pytest.raises(MachineError):
        routes.install(
            tool if moment == "after" else pinned(tool, "http://127.0.0.1:9/direnv", BINARY),
            environ=machine.environ,
            say=lambda _: None,
            journal=told.append,
            root_finder=as_root,
        )
    assert len(told) == (1 if moment == "before" else 0)
    for facts in told:
        assert "gone already" in uninstall.undo(facts, environ=machine.environ, is_kept=False)


def test_undo_of_a_package_that_nobody_else_needs_removes_it(machine: fakes.Machine) -> None:
    """What setup installed and nothing depends on goes with teardown."""
    if os.geteuid() != 0:
        machine.add_sudo(is_free=True)
    machine.add_manager("apt", version="2.37.1")
    script = machine.folder / "apt-get"
    script.write_text(f'#!/bin/sh\nprintf "%s\\n" "apt-get $*" >>{machine.folder}/log\necho Remv direnv\n')
    said = uninstall.undo({"manager": "apt", "package": "direnv"}, environ=machine.environ, is_kept=False)
    assert said == "removed the package direnv"
    assert machine.calls[-1] == "apt-get remove -y -q direnv"


@pytest.mark.parametrize("name", ["dnf", "zypper"])
def test_undo_where_the_manager_would_take_others_along_keeps_the_package(
    machine: fakes.Machine, name: str
) -> None:
    """Those managers remove what depends on it without asking."""
    machine.add_manager(name, version="2.37.1")
    assert "kept" in uninstall.undo(
        {"manager": name, "package": "direnv", "had": "False"}, environ=machine.environ, is_kept=False
    )
    assert machine.calls == []
