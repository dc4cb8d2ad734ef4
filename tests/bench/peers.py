"""The peers on PATH, each in the `.envrc` recipe that its users write, against the same STS.

A peer that is missing is named, with the reason. Must not install or build a peer, or guess a number.
"""

import json
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from arena import REGION, ROLE_ARN, Arena, BenchError, has_credentials
from timing import Subject, once

from rolecall.system.programs import processes

SHOWN_CHARACTERS = 200
SCRIPT = "aws sts assume-role and three jq"
VAULT = "aws-vault"
GRANTED = "assumego (Granted)"
VAULT_KEYRING = (("AWS_VAULT_BACKEND", "file"), ("AWS_VAULT_FILE_PASSPHRASE", "bench"))
GRANTED_KEYRING = (("FORCE_NO_ALIAS", "true"), ("CF_KEYRING_FILE_PASSWORD", "bench"))
GRANTED_CONFIG = 'DefaultBrowser = "STDOUT"\nOrdering = ""\n[Keyring]\nBackend = "file"\n'
BESIDE = ("warm cd", "static .envrc")
API = "sts/2011-06-15"
NO_HTTP_PROXY = (("http_proxy", ""), ("HTTP_PROXY", ""))  # a CLI of 2.9 would send the local call there
AEC = """\
eval "$(aws-export-credentials --profile dev --cache-file "$HOME/.cache/aec.json" --env-export)"
"""
ASSUME = """\
creds=$(aws sts assume-role --endpoint-url {url} --region {region} --output json \\
  --role-arn {arn} --role-session-name bench)
export AWS_ACCESS_KEY_ID=$(jq -r .Credentials.AccessKeyId <<<"$creds")
export AWS_SECRET_ACCESS_KEY=$(jq -r .Credentials.SecretAccessKey <<<"$creds")
export AWS_SESSION_TOKEN=$(jq -r .Credentials.SessionToken <<<"$creds")
"""


@dataclass(frozen=True, slots=True)
class Peer:
    """A tool, the programs it needs, its recipe, and what makes it cold (None: it caches nothing)."""

    name: str
    programs: tuple[str, ...]
    recipe: str
    cache: str | None = None
    version: tuple[str, ...] = ("--version",)
    environ: tuple[tuple[str, str], ...] = ()
    prepare: Callable[[Arena], object] = lambda _: None


@dataclass(frozen=True, slots=True)
class Entrant:
    """A peer that is here and does the work: its subjects, cold and (where it caches) warm."""

    name: str
    version: str
    cold: Subject
    warm: Subject | None


@dataclass(frozen=True, slots=True)
class Missing:
    """A peer that could not be measured, and why."""

    name: str
    reason: str


def beside(name: str) -> str:
    """Return the name of one of ours where it runs among the peers."""
    return f"{name}, beside the peers"


def every(arena: Arena) -> Sequence[Peer]:
    """Return the peers that are looked for."""
    script = ASSUME.format(url=arena.sts.url, region=REGION, arn=ROLE_ARN)
    endpoints = (("AWS_ENDPOINT_URL", arena.sts.url), ("AWS_ENDPOINT_URL_STS", arena.sts.url))
    return (
        Peer(SCRIPT, ("aws", "jq"), script),
        Peer(
            "aws configure export-credentials",
            ("aws",),
            'eval "$(aws configure export-credentials --profile dev --format env)"\n',
            cache=".aws/cli/cache",
            environ=(("AWS_DATA_PATH", str(arena.folder / "models")), *NO_HTTP_PROXY),
            prepare=_write_endpoint,
        ),
        Peer(
            "aws-export-credentials",
            ("aws-export-credentials",),
            AEC,
            cache=".cache/aec.json",
            prepare=lambda arena: (Path(arena.environ["HOME"]) / ".cache").mkdir(exist_ok=True),
        ),
        Peer(
            "awsume",
            ("awsumepy", "awsume"),
            "source awsume dev\n",
            cache=".awsume/cache",
            version=("-v",),
        ),
        Peer(
            VAULT,
            ("aws-vault",),
            'eval "$(aws-vault export --format=export-env dev)"\n',
            environ=(*VAULT_KEYRING, *endpoints),
            prepare=_fill_vault,
        ),
        Peer(
            GRANTED,
            ("granted", "assumego", "assume"),
            "source assume dev\n",
            cache=".granted/secure-storage-aws-session-credentials/dev",
            environ=(*GRANTED_KEYRING, *endpoints),
            prepare=_configure_granted,
        ),
    )


def enter(arena: Arena, peer: Peer) -> Entrant | Missing:
    """Return the peer ready to race, or why it cannot."""
    path = arena.environ.get("PATH")
    absent = [name for name in peer.programs if processes.find(name, path=path) is None]
    if absent:
        return Missing(peer.name, f"{' and '.join(absent)} not on PATH")
    version = arena.run([peer.programs[0], *peer.version], environ=dict(peer.environ))
    if not version.is_ok:
        return Missing(peer.name, f"{peer.programs[0]} does not start: {_last(version.err)}")
    try:
        entrant = _entrant(arena, peer, _number(version.out + version.err))
        once(entrant.cold)
    except BenchError as problem:
        return Missing(
            peer.name,
            f"{_last(version.out + version.err)} gives no credentials from the local STS: {problem}",
        )
    return entrant


def _entrant(arena: Arena, peer: Peer, version: str) -> Entrant:
    peer.prepare(arena)
    place = arena.plain(f"peer-{peer.programs[0]}-{len(peer.recipe)}", peer.recipe)
    environ = dict(peer.environ)

    def forget() -> None:
        if peer.cache:
            _remove(Path(arena.environ["HOME"]) / peer.cache)
            peer.prepare(arena)

    cold = Subject(f"{peer.name}, cold", lambda: arena.cd(place, environ), forget, has_credentials)
    warm = Subject(f"{peer.name}, warm", lambda: arena.cd(place, environ), is_right=has_credentials)
    return Entrant(peer.name, version, cold, warm if peer.cache else None)


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    path.unlink(missing_ok=True)


def _last(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1][:SHOWN_CHARACTERS] if lines else "it says nothing"


def _number(text: str) -> str:
    """Return the version among the words of a line such as "Granted v0.39.0"."""
    words = _last(text).split()
    return next((word for word in words if any(letter.isdigit() for letter in word)), words[0])


def _write_endpoint(arena: Arena) -> None:
    """Point an AWS CLI from before AWS_ENDPOINT_URL (2.13) at the local STS, by its endpoint rules."""
    rules: Mapping[str, object] = {
        "version": "1.0",
        "parameters": {
            "Region": {"builtIn": "AWS::Region", "required": False, "documentation": "", "type": "String"},
        },
        "rules": [
            {
                "conditions": [],
                "endpoint": {"url": arena.sts.url, "properties": {}, "headers": {}},
                "type": "endpoint",
            }
        ],
    }
    path = arena.folder / "models" / API / "endpoint-rule-set-1.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(rules))


def _fill_vault(arena: Arena) -> None:
    """Keep the user's key where aws-vault looks for it."""
    keys = {"AWS_ACCESS_KEY_ID": arena.sts.key_id, "AWS_SECRET_ACCESS_KEY": arena.sts.secret}
    done = arena.run(
        ["aws-vault", "add", "--env", "--no-add-config", "base"], environ={**keys, **dict(VAULT_KEYRING)}
    )
    if not done.is_ok:
        raise BenchError(_last(done.err))


def _configure_granted(arena: Arena) -> None:
    """Answer what Granted asks at its first start."""
    path = Path(arena.environ["HOME"]) / ".granted/config"
    path.parent.mkdir(exist_ok=True)
    path.write_text(GRANTED_CONFIG)
