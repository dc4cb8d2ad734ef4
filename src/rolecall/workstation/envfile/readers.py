"""Who else reads the project's `.env`, and what of it the shell gets: it may be an app's.

Reads names of files and of settings. Must not show a value.
"""

from pathlib import Path

from rolecall.project.declared import Declared
from rolecall.project.env_file import dotenv
from rolecall.system.text.frames import without_locals
from rolecall.workstation.envfile import account, edit

COMPOSE = ("compose.yaml", "compose.yml", "docker-compose.yaml", "docker-compose.yml")
SIGNS = (
    (COMPOSE, "docker compose"),
    (("manage.py",), "Django"),
    (("next.config.js", "next.config.mjs", "next.config.ts"), "Next.js"),
    (("vite.config.js", "vite.config.mjs", "vite.config.ts"), "Vite"),
    (("package.json",), "its Node programs"),
    (("Gemfile",), "its Ruby programs"),
    (("Procfile",), "the programs in Procfile"),
)
OWN = ("ROLE_ARN", "REGION_NAME", dotenv.KEYRING)
MOST_NAMES = 8


def of(root: Path) -> list[str]:
    """Return who reads `.env` beside rolecall; nobody where it is not an app's."""
    if not settings(root):
        return []
    found = [name for files, name in SIGNS if any((root / file).is_file() for file in files)]
    return found or ["your app"]


@without_locals
def settings(root: Path) -> list[str]:
    """Return the names in `.env` that are an app's: neither rolecall's nor the AWS SDK's."""
    text = account.read(root / account.FILE)
    if text is None or edit.is_from_template(text):
        return []
    names = account.values_of(text)
    return [name for name in names if name not in OWN and not name.startswith("AWS_")]


def notice(root: Path, declared: Declared) -> str:
    """Return one line that says which names of an app's `.env` the shell gets; empty where it gets none."""
    names = list(dotenv.for_shell(dict.fromkeys(settings(root), "")))
    if declared.env == "aws" or not names:
        return ""
    more = f" and {len(names) - MOST_NAMES} more" if len(names) > MOST_NAMES else ""
    shown = ", ".join(names[:MOST_NAMES])
    return (
        f".env is your app's too: on `cd` the shell also gets {shown}{more}"
        ' (env = "aws" under [project] in envrc.d/roles.toml keeps them out)'
    )
