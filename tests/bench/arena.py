"""Where the benchmark runs: a home of its own, a real STS (moto) on loopback, approved projects.

Everything on disk and every server of a run is here, and nothing of it is left. Must not measure anything,
or let a program reach beyond this machine.
"""

import contextlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from rolecall.system.disk import paths
from rolecall.system.programs import processes
from rolecall.system.programs.processes import Result
from rolecall.system.text import quoting
from rolecall.workstation.envrc import use_line
from support import ROLES_TOML, Sts, await_http, free_port, outside_git, write_env
from support.terminals import install_function

ROLE_ARN = "arn:aws:iam::111122223333:role/dev"
REGION = "eu-west-1"
KEPT = ("PATH", "LANG", "LC_ALL", "TMPDIR", "PYENV_ROOT", "PYENV_VERSION", "USER", "LOGNAME")
NOWHERE = "http://127.0.0.1:9"
MOST_SECONDS = 120


class BenchError(Exception):
    """The benchmark cannot say anything true; the message says why."""


@dataclass(frozen=True, slots=True)
class Place:
    """One project folder, and where its sessions live."""

    root: Path
    sessions: Path

    def end_session(self) -> None:
        """Make it cold: as on any morning."""
        self.sessions.joinpath("dev.env").unlink(missing_ok=True)

    def forget(self) -> None:
        """Make it cold: as on the first day, with nothing of ours on disk."""
        shutil.rmtree(self.sessions, ignore_errors=True)


@dataclass(frozen=True, slots=True)
class Arena:
    """The home, the environment and the STS that every program of a run gets."""

    folder: Path
    environ: Mapping[str, str]
    sts: Sts

    def project(
        self,
        name: str,
        *,
        endpoint: str = "",
        roles: str = ROLES_TOML,
        values: Mapping[str, str] = MappingProxyType({}),
        with_line: bool = False,
    ) -> Place:
        """Make a project as setup would leave it: approved, with this Python as its `.venv`.

        Its `.envrc` is rendered, or has the line `use rolecall` alone.
        """
        root = self.folder / name
        (root / "envrc.d").mkdir(parents=True)
        (root / "envrc.d/roles.toml").write_text(roles)
        (root / "tasks.py").write_text("from rolecall.tasks import namespace\n")
        outside_git.make_venv(root, self.environ)
        write_env(root, self.sts.env_file(**{"AWS_ENDPOINT_URL": endpoint or self.sts.url, **values}))
        if with_line:
            install_function(root, {**self.environ, **self.with_lib})
        self._approve(root, f"{use_line.LINE}\n" if with_line else outside_git.envrc(root))
        return Place(root, paths.runtime_dir(paths.project_key(root), environ=self.environ))

    @property
    def with_lib(self) -> Mapping[str, str]:
        """What the environment needs, so that direnv knows `use rolecall`: the other subjects do not."""
        return {"DIRENV_CONFIG": str(self.folder / "direnv")}

    def plain(self, name: str, envrc: str) -> Place:
        """Make a folder with just this `.envrc`, approved."""
        root = self.folder / name
        root.mkdir()
        self._approve(root, envrc)
        return Place(root, self.folder / "nothing")

    def run(
        self, argv: Sequence[str | Path], folder: Path | None = None, environ: Mapping[str, str] | None = None
    ) -> Result:
        """Run a program in this arena to its end, with `environ` added."""
        return processes.run(
            argv,
            environ={**self.environ, **(environ or {})},
            folder=folder or self.folder,
            timeout_seconds=MOST_SECONDS,
        )

    def cd(self, place: Place, environ: Mapping[str, str] | None = None) -> Result:
        """Evaluate `.envrc` as a fresh `cd` does."""
        return self.run(["direnv", "export", "json"], place.root, environ)

    def _approve(self, root: Path, envrc: str) -> None:
        (root / ".envrc").write_text(envrc)
        done = self.run(["direnv", "allow", root / ".envrc"])
        if not done.is_ok:
            raise BenchError(f"direnv allow: {done.err.strip()}")


def exports(done: Result) -> dict[str, str]:
    """Return what a `cd` exported, without direnv's own."""
    found = json.loads(done.out or "{}")
    return {
        name: value for name, value in found.items() if value is not None and not name.startswith("DIRENV_")
    }


def has_credentials(done: Result) -> bool:
    """Whether a `cd` ended with a session."""
    return (
        done.is_ok
        and {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"} <= exports(done).keys()
    )


def export_lines(values: Mapping[str, str]) -> str:
    """Return `values` as the static `.envrc` a person would write."""
    return "".join(f"export {name}={quoting.shell(value)}\n" for name, value in values.items())


@contextlib.contextmanager
def opened() -> Iterator[Arena]:
    """Build the arena for the block; end its server and remove its folder after it."""
    with tempfile.TemporaryDirectory(prefix="rolecall-bench-") as name:
        folder = Path(name).resolve()
        home, runtime = folder / "home", folder / "run"
        home.mkdir()
        runtime.mkdir(mode=0o700)
        with _moto(folder / "moto.log") as sts:
            _write_profiles(home, sts)
            yield Arena(folder, _environ(home, runtime), sts)


def _environ(home: Path, runtime: Path) -> dict[str, str]:
    kept = {name: os.environ[name] for name in KEPT if name in os.environ}
    proxies = dict.fromkeys(("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"), NOWHERE)
    return {
        **kept,
        **proxies,
        **dict.fromkeys(("no_proxy", "NO_PROXY"), "127.0.0.1,localhost"),
        "HOME": str(home),
        "XDG_RUNTIME_DIR": str(runtime),
        "AWS_EC2_METADATA_DISABLED": "true",
        "TERM": "dumb",
    }


def _write_profiles(home: Path, sts: Sts) -> None:
    """Write the files that the peers read: a user, and a role assumed from it."""
    (home / ".aws").mkdir()
    common = f"region = {REGION}\nendpoint_url = {sts.url}\n"
    role = f"[profile dev]\nrole_arn = {ROLE_ARN}\nsource_profile = base\n"
    (home / ".aws/config").write_text(f"[default]\n{common}\n[profile base]\n{common}\n{role}{common}")
    keys = f"aws_access_key_id = {sts.key_id}\naws_secret_access_key = {sts.secret}\n"
    (home / ".aws/credentials").write_text(f"[default]\n{keys}\n[base]\n{keys}")
    (home / ".aws/credentials").chmod(0o600)


@contextlib.contextmanager
def _moto(log: Path) -> Iterator[Sts]:
    import botocore.session

    url = f"http://127.0.0.1:{free_port()}"
    argv = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", url.rpartition(":")[2]]
    with (
        log.open("wb") as out,
        subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=out, stderr=out) as server,
    ):
        try:
            await_http(f"{url}/moto-api/", server)
            nobody = {"aws_access_key_id": "bootstrap", "aws_secret_access_key": "bootstrap"}
            iam = botocore.session.Session().create_client(
                "iam", region_name=REGION, endpoint_url=url, **nobody
            )
            iam.create_user(UserName="developer")
            key = iam.create_access_key(UserName="developer")["AccessKey"]
            yield Sts(url, key["AccessKeyId"], key["SecretAccessKey"])
        finally:
            server.terminate()
