"""`setup --plan` changes nothing: watched by strace from outside."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

BIN = Path(sys.executable).parent
INSTALLERS = ("apt", "apt-get", "dpkg", "dnf", "brew", "pip", "curl", "wget", "sudo")
# Opened for writing, made, renamed, removed: whatever a filesystem can be changed by.
CHANGES = re.compile(
    r"^\d+ +(?:(?:open|openat|creat)\(.*(?:O_WRONLY|O_RDWR|O_CREAT)|(?:mkdir|rename|unlink|rmdir|link|"
    r"symlink|chmod|fchmod|chown|utime|truncate)\w*\()"
)
HARMLESS = re.compile(r'"/dev/|"/proc/|__pycache__|ENOENT|O_RDWR\|O_CLOEXEC\) = -1')


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make a project that has an `.env`, an older `.envrc` and roles."""
    monkeypatch.setenv("SHELL", "/bin/bash")
    monkeypatch.setenv("PATH", f"{BIN}{os.pathsep}{os.environ['PATH']}")
    root = tmp_path / "shop"
    (root / "envrc.d").mkdir(parents=True)
    (root / "tasks.py").write_text("from rolecall.tasks import namespace\n")
    (root / ".env").write_text("AWS_PROFILE=work\n")
    (root / "envrc.d/roles.toml").write_text(
        '[roles.dev]\nrole_arn = "arn:aws:iam::123456789012:role/dev"\n[project]\ntools = ["jq"]\n'
    )
    return root


@pytest.mark.parametrize("flags", [[], ["--sandbox"]], ids=["account", "sandbox"])
def test_plan_when_watched_by_strace_then_writes_installs_and_connects_to_nothing(
    shop: Path, tmp_path: Path, flags: list[str]
) -> None:
    """Every system call of the plan and of what it starts is looked at."""
    log = tmp_path / "strace.log"
    watched = ["strace", "-f", "-qq", "-s", "300", "-e", "trace=%file,network,execve,fchmod", "-o", str(log)]
    argv = [*watched, sys.executable, "-m", "invoke", "setup", "--plan", *flags]
    done = subprocess.run(argv, cwd=shop, capture_output=True, text=True, check=False)
    assert done.returncode == 2, done.stderr
    assert "What direnv would run on each `cd` into" in done.stdout
    assert "50-session" in done.stdout
    lines = log.read_text().splitlines()
    assert len(lines) > 1000
    changes = [line for line in lines if CHANGES.search(line) and not HARMLESS.search(line)]
    assert changes == []
    connections = [line for line in lines if re.search(r"connect\(\d+, \{sa_family=AF_INET", line)]
    assert connections == []
    started = {found[1] for line in lines if (found := re.search(r'execve\("([^"]+)".*= 0$', line))}
    assert not [path for path in started if Path(path).name in INSTALLERS]
