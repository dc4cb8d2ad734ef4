"""Downloads: from a server on loopback into the user's own folder, and out again."""

import io
import stat
import tarfile
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest

from rolecall.errors import MachineError
from rolecall.workstation.programs import catalogue, uninstall
from rolecall.workstation.programs.tool import Tool, look
from support import fake_workstation as fakes


def test_download_when_the_digest_is_right_then_is_executable_and_undone(
    machine: fakes.Machine, tool: Tool, served: tuple[str, dict[str, bytes]]
) -> None:
    """Placed whole in ~/.local/bin; undo removes it and the folders that were made for it."""
    base, files = served
    files["/direnv"] = fakes.BINARY
    facts = fakes.install(fakes.pinned(tool, f"{base}/direnv", fakes.BINARY), machine)
    placed = machine.home / ".local/bin/direnv"
    assert placed.read_bytes() == fakes.BINARY
    assert placed.stat().st_mode & 0o777 == 0o755
    assert uninstall.undo(facts, environ=machine.environ, is_kept=False) == f"removed {placed}"
    assert not (machine.home / ".local").exists()


def test_undo_when_the_download_was_changed_then_keeps_it(
    machine: fakes.Machine, tool: Tool, served: tuple[str, dict[str, bytes]]
) -> None:
    """A file that is no longer what we placed is the person's."""
    base, files = served
    files["/direnv"] = fakes.BINARY
    facts = fakes.install(fakes.pinned(tool, f"{base}/direnv", fakes.BINARY), machine)
    Path(facts["file"]).write_bytes(b"#!/bin/sh\necho mine\n")
    assert "changed since" in uninstall.undo(facts, environ=machine.environ, is_kept=False)
    assert Path(facts["file"]).exists()


@pytest.mark.parametrize(
    ("path", "content", "reason"),
    [
        ("/direnv", b"something else", "has the digest"),
        ("/gone", None, "404"),
        ("/cut", fakes.BINARY, "cannot download"),
    ],
    ids=["other-digest", "gone", "cut-short"],
)
def test_download_when_it_is_not_the_published_file_then_leaves_nothing(  # noqa: PLR0917 - fixtures and a table
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
        fakes.install(fakes.pinned(tool, base + path, fakes.BINARY), machine)
    assert not (machine.home / ".local").exists()


def test_download_when_offline_then_names_the_address(machine: fakes.Machine, tool: Tool) -> None:
    """No connection: which address, and what to look at."""
    with pytest.raises(MachineError, match=r"cannot download http://127.0.0.1:9/direnv: .*refused") as caught:
        fakes.install(fakes.pinned(tool, "http://127.0.0.1:9/direnv", fakes.BINARY), machine)
    assert "proxy" in caught.value.message


def test_download_when_an_old_copy_is_there_then_does_not_replace_it(
    machine: fakes.Machine, tool: Tool, served: tuple[str, dict[str, bytes]]
) -> None:
    """The person's own old copy in ~/.local/bin is theirs to move."""
    base, files = served
    files["/direnv"] = fakes.BINARY
    own = machine.add_tool("direnv", "2.20.0", folder=machine.home / ".local/bin")
    before = own.read_bytes()
    with pytest.raises(MachineError, match="there already"):
        fakes.install(fakes.pinned(tool, f"{base}/direnv", fakes.BINARY), machine)
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


def test_download_when_it_is_the_plugin_then_unpacks_it_without_dpkg(
    machine: fakes.Machine, served: tuple[str, dict[str, bytes]]
) -> None:
    """The program and its VERSION come out; the version is read there where the program does not tell it."""
    base, files = served
    content = deb(
        {"bin/session-manager-plugin": b"#!/bin/sh\n:\n", "VERSION": b"1.2.835.0\n", "LICENSE": b"x"}
    )
    files["/plugin.deb"] = content
    plugin = fakes.pinned(catalogue.PLUGIN, f"{base}/plugin.deb", content, kind="deb")
    facts = fakes.install(plugin, machine)
    assert look(plugin, environ=machine.environ).version == (1, 2, 835, 0)
    uninstall.undo(facts, environ=machine.environ, is_kept=False)
    assert not (machine.home / ".local").exists()


def test_download_when_it_is_the_aws_cli_then_runs_its_installer(
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
    aws = fakes.pinned(catalogue.AWS, f"{base}/aws.zip", out.getvalue(), kind="aws-zip")
    facts = fakes.install(aws, machine)
    assert look(aws, environ=machine.environ).version == (2, 23, 6)
    uninstall.undo(facts, environ=machine.environ, is_kept=False)
    assert not (machine.home / ".local").exists()
