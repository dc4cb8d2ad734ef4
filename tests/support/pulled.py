"""Kinds of pulled file, each a branch of an attacker: what is in it, and what a `cd` must make of it.

Each payload leaves a mark where it runs. A path begins at the top of the repository.
"""

import importlib._bootstrap_external as external
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass

FILE, PROGRAM, LINK, SUBMODULE = "100644", "100755", "120000", "160000"
PROGRAMS = "bash cat date direnv env git ls mkdir ps python python3 rm sha256sum shasum sleep stat touch"
MODULES = "os re hashlib rolecall sitecustomize usercustomize encodings invoke dotenv json site"

Entry = tuple[str, bytes]
Files = Mapping[str, Entry]


@dataclass(frozen=True, slots=True)
class Place:
    """Where things are in the victim's repository; each path is relative to its top."""

    root: str  # the project: "" or "services/shop/"
    package: str  # rolecall's, or where the attacker thinks that it is
    is_package_pulled: bool  # whether it really is that
    venv: str  # the project's own
    site: str  # packages beside rolecall
    is_site_pulled: bool
    site_venv: str  # the one that those packages are in
    mark: str  # the file that a payload leaves

    @property
    def shell(self) -> Entry:
        """A program that leaves the mark."""
        return PROGRAM, f"#!/bin/sh\n: >'{self.mark}'\n".encode()

    @property
    def python(self) -> Entry:
        """A module that leaves the mark."""
        return FILE, self.source.encode()

    @property
    def source(self) -> str:
        """Python that leaves the mark."""
        return f"open({self.mark!r}, 'w').close()\n"

    @property
    def bytecode(self) -> Entry:
        """The same, compiled, with the flag that nobody compares it with its source."""
        code = compile(self.source, "errors.py", "exec")
        data = external._code_to_hash_pyc(code, b"12345678", checked=False)  # type: ignore[attr-defined] # CPython's
        return FILE, bytes(data)


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of pulled file.

    `says` is what one line must hold; `warm` and
    `cold` whether a `cd` with and without a session has the role. Where `package` or `site` is said, all that
    holds only where rolecall, or the packages beside it, lie in the repository.
    """

    name: str
    files: Callable[[Place], Files]
    says: str = ""
    warm: bool = True
    cold: bool = True
    only: str = ""
    without_venv: bool = False
    path: str = ""


def text(content: str) -> Entry:
    """Return an ordinary file."""
    return FILE, content.encode()


def link(target: str) -> Entry:
    """Return a symlink."""
    return LINK, target.encode()


def in_package(name: str, entry: Callable[[Place], Entry]) -> Callable[[Place], Files]:
    """Return a file of rolecall's own package."""
    return lambda at: {f"{at.package}/{name}": entry(at)}


def _bare(at: Place) -> Files:
    config = f'[core]\n\tbare = false\n\tworktree = "."\n\tfsmonitor = "touch {at.mark}; false"\n'
    names = {"HEAD": "ref: refs/heads/main\n", "config": config, "objects/x": "", "refs/heads/x": ""}
    return {f"{at.root}{name}": text(content) for name, content in names.items()}


def _env(at: Place) -> Files:
    evil = f"{at.mark}-program"
    lines = [
        f"direnv={evil}",
        "_rolecall_now=1",
        f"PROMPT_COMMAND=touch {at.mark}",
        f"BASH_ENV={evil}",
        f"AWS_CONFIG_FILE={evil}",
        "HTTPS_PROXY=http://127.0.0.1:9",
        f"AWS_CA_BUNDLE={evil}",
        "AWS_ENDPOINT_URL=http://127.0.0.1:9",
        f"LD_PRELOAD={evil}",
        "PATH=.",
    ]
    return {f"{at.root}.env": text("\n".join(lines) + "\n")}


def gone(name: str, files: Callable[[Place], Files], *, without_venv: bool = False) -> Kind:
    """Return a kind that takes `.venv` off PATH."""
    says = (
        "it is not the one that setup saw" if without_venv else "files from git; delete it, and make it anew"
    )
    return Kind(name, files, says=says, without_venv=without_venv)


def changed(name: str, path: str, entry: Callable[[Place], Entry]) -> Kind:
    """Return a kind that is not as it was approved."""
    says = "is not as you approved it"
    return Kind(name, in_package(path, entry), says=says, cold=False, only="package")


def tracked(name: str, files: Callable[[Place], Files]) -> Kind:
    """Return a kind that puts `.env` into git."""
    return Kind(name, files, says=".env came with git", cold=False)


def no_file(name: str, files: Callable[[Place], Files]) -> Kind:
    """Return a kind that puts what is no file, or too large a one, in a declaration's place."""
    return Kind(name, files, says="so it is not read", cold=False)


def many(names: str, entry: Callable[[Place], Entry]) -> Callable[[Place], Files]:
    """Return one entry under many names; `{}` in one is the project, `{venv}` and `{site}` are those."""
    return lambda at: {name.format(at.root, venv=at.venv, site=at.site): entry(at) for name in names.split()}


def _policy(entry: Callable[[Place], Entry]) -> Callable[[Place], Files]:
    roles = text(f'{ROLE}session_policy = "p.json"\n')
    return lambda at: {f"{at.root}envrc.d/roles.toml": roles, f"{at.root}envrc.d/p.json": entry(at)}


def _modules(pattern: str) -> str:
    return " ".join(pattern.replace("*", name) for name in MODULES.split())


def shell(at: Place) -> Entry:
    """A program that leaves the mark."""
    return at.shell


def python(at: Place) -> Entry:
    """A module that leaves the mark."""
    return at.python


def empty(_: Place) -> Entry:
    """An empty file."""
    return text("")


def to(target: str) -> Callable[[Place], Entry]:
    """Return a link."""
    return lambda _: link(target)


ROLE = '[roles.dev]\nrole_arn = "arn:aws:iam::111122223333:role/dev"\n'
TAG = sys.implementation.cache_tag
CIRCLES = {"a": link("b"), "b": link("a"), "templates/x": link("/usr")}
SUBMODULES = '[submodule "x"]\n\tpath = x\n\turl = ext::sh -c "touch x"\n\tupdate = !touch x\n'

KINDS = (
    # .venv
    gone("programs", many(" ".join(f"{{venv}}/bin/{name}" for name in PROGRAMS.split()), shell)),
    gone("capitals", many("{}.VENV/bin/git", shell)),
    gone("gitlink", lambda at: {at.venv: (SUBMODULE, b"1" * 40)}),
    gone("pyvenv", many("{venv}/pyvenv.cfg", empty)),
    gone("pth", many("{venv}/lib/evil.pth", python)),
    gone("venv-whole", many("{venv}/bin/git {venv}/pyvenv.cfg", shell), without_venv=True),
    gone(
        "venv-link",
        lambda at: {at.venv: link("evil"), f"{at.root}evil/bin/git": at.shell},
        without_venv=True,
    ),
    Kind(
        "packages",
        many("{site}/dotenv/__init__.py {site}/boto3.py {site}/evil.pth {site}/sitecustomize.py", python),
        says="came with git, so no program in it is run",
        cold=False,
        only="site",
    ),
    # rolecall's own package, and what could stand in for it
    changed("changed", "errors.py", python),
    changed("main", "__main__.py", python),
    changed("beside-module", "errors/__init__.py", python),
    changed("namespace", "system/json/decoder.py", python),
    changed("extension", f"errors{external.EXTENSION_SUFFIXES[0]}", python),
    changed("sourceless", "system/_bootlocale.pyc", lambda at: at.bytecode),
    changed("init-pyc", "__init__.pyc", lambda at: at.bytecode),
    changed("option", "-t", python),
    changed("check-option", "--status", python),
    changed("escapes", "a\x1b[2J\u202eb.py", python),
    Kind("cached", in_package(f"__pycache__/errors.{TAG}.pyc", lambda at: at.bytecode)),
    Kind("package-link", in_package("system/x", to("/usr")), says="is a link", cold=False, only="package"),
    Kind("modules", many(_modules("{}*.py"), python)),
    Kind("folders", many(_modules("{}*/__init__.py"), python)),
    Kind("in-src", many(_modules("{}src/*.py"), python)),
    Kind("above", many("tasks.py invoke.py os.py", python)),
    Kind("tasks", many("{}tasks.py {}tasks/__init__.py {}conftest.py", python)),
    Kind(
        "interpreter",
        many("{}python311._pth {}pyvenv.cfg {}rolecall.pth {}python311.zip {}.python-version", python),
    ),
    # git
    Kind("bare", _bare),
    Kind(
        "attributes",
        lambda at: {f"{at.root}.gitattributes": text("* filter=evil\n"), ".gitmodules": text(SUBMODULES)},
    ),
    # .env and .envrc
    tracked("env", _env),
    tracked("env-capitals", many("{}.ENV", empty)),
    tracked("env-zero", many("{}.env", to("/dev/zero"))),
    tracked("env-tty", many("{}.env", to("/dev/tty"))),
    tracked("env-circle", many("{}.env", to(".env"))),
    Kind("env-others", many("{}.env.account {}.env.local {}.env.d/x", shell)),
    Kind("envrc", many("{}.envrc", shell), says="is blocked", warm=False, cold=False),
    Kind("others", many("{}.direnvrc {}.envrc.local {}.direnv/x {}direnv.toml", shell)),
    # declarations, and what is no file
    no_file("roles-zero", many("{}envrc.d/roles.toml", to("/dev/zero"))),
    no_file("roles-huge", lambda at: {f"{at.root}envrc.d/roles.toml": text("# x\n" * 400_000)}),
    Kind("roles-circle", many("{}envrc.d/roles.toml", to("roles.toml")), says="roles.toml", cold=False),
    no_file("policy-zero", _policy(to("/dev/zero"))),
    Kind(
        "policy-token", _policy(lambda at: link(f"{at.mark}-token.json")), says="is not a policy", cold=False
    ),
    Kind("circles", lambda at: {f"{at.root}{name}": entry for name, entry in CIRCLES.items()}),
    # everyday edits
    Kind(
        "everyday",
        many("{}app/__init__.py {}app/new.py {}templates/base.html {}README.rst {}Makefile", python),
    ),
    Kind("own-fragment", many("{}envrc.d/99-evil.sh {}envrc.d/00-lib.sh {}templates/envrc.j2", shell)),
    Kind(
        "project-programs",
        many(" ".join(f"{{}}node_modules/.bin/{name}" for name in PROGRAMS.split()[1:]), shell),
        path="node_modules/.bin:./node_modules/.bin",
    ),
)
