"""This repository's tasks: the packaged ones plus test, lint, bench, mutate and picture.

`python3 tasks.py X` needs nothing but Python and git: it makes `.venv`, then runs `invoke X` there.
"""

import os
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent

if sys.version_info < (3, 11):  # noqa: UP036 - a person may start it with any Python
    found = "%d.%d" % sys.version_info[:2]  # noqa: UP031 - an old Python must be able to read this
    sys.exit(
        "rolecall: Python 3.11 or later is needed, this is " + found + "\n  try: python3.11 tasks.py setup"
    )

if __name__ == "__main__":
    sys.dont_write_bytecode = "--plan" in sys.argv  # a plan writes nothing at all
    sys.path.insert(0, str(ROOT / "src"))
    from rolecall.system.person import person
    from rolecall.workstation.setup import bootstrap

    sys.exit(bootstrap.main(ROOT, sys.argv[1:]))

sys.dont_write_bytecode = False  # invoke sets it, and every start would compile rolecall anew

try:
    import rolecall
    from rolecall.system.person import person
    from rolecall.system.programs import processes
    from rolecall.tasks import door, namespace
except ImportError as problem:
    says = "not all of rolecall is installed here, or this folder was renamed since"
    sys.exit(f"rolecall: {says} ({problem})\n  try: python3 tasks.py setup")

if not Path(rolecall.__file__).is_relative_to(ROOT):
    says = f"this would run {Path(rolecall.__file__).parent}: this folder was copied or renamed"
    sys.exit(f"rolecall: {says}\n  try: python3 tasks.py setup")

BIN = ROOT / ".venv/bin" if (ROOT / ".venv/bin").is_dir() else Path(sys.executable).parent
WORKERS = "4"  # more than the processors: a third of the time, a test waits for a shell


@door.task()
def test(_c: object) -> None:
    """Install the programs that the tests need, then run every test; words after -- go to pytest."""
    from rolecall.workstation.programs import step as programs

    missing = programs.install_for_tests(person.say)
    if missing:
        person.say(f"could not install {', '.join(missing)}: tests that drive them will fail")
    words = _after_dashes()
    workers = [] if any(word.startswith("-n") for word in words) else ["-n", WORKERS, "--dist", "loadgroup"]
    environ = {**os.environ, "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}"}
    processes.replace([str(BIN / "python"), "-m", "pytest", *workers, *words], environ=environ)


@door.task()
def lint(_c: object) -> None:
    """Check style, types and shell: ruff, mypy, shellcheck, shfmt."""
    launcher = str(ROOT / ".ci/run")
    kept = [str(path) for path in sorted((*ROOT.glob("envrc.d/*.sh"), *ROOT.glob("templates/use*.sh")))]
    with tempfile.TemporaryDirectory() as folder:
        envrc, session, function, rc_block = _rendered(Path(folder))  # fragments make sense only as a whole
        checks = (
            ["ruff", "check", "--no-cache", "."],
            ["ruff", "format", "--no-cache", "--check", "--quiet", "."],
            ["mypy"],
            ["shellcheck", "-s", "bash", envrc, function, launcher],
            ["shellcheck", "-s", "bash", "-e", "SC2329", session],  # a function takes another's place there
            ["shellcheck", "-s", "bash", "-e", "SC2034,SC2128,SC2178", rc_block],  # the shell's own variables
            ["shfmt", "-i", "2", "-d", *kept, envrc, session, function, rc_block, launcher],
        )
        failed = list(dict.fromkeys(argv[0] for argv in checks if not _passes(argv)))
    if failed:
        person.say(f"lint: {', '.join(failed)} found something")
        raise SystemExit(1)
    person.say("lint: nothing found")


@door.task(
    help={
        "json": "print the figures as JSON",
        "only": "some rows, comma-separated, such as warm-cd,processes (default: all, and the peers on PATH)",
        "rounds": "how often each is measured (default: 40; what takes long, a quarter)",
    }
)
def bench(_c: object, json: bool = False, only: str = "", rounds: str = "") -> None:
    """Measure every performance budget in one run; words after -- go to the benchmark."""
    flags = [*(["--json"] if json else []), *_flag("--only", only), *_flag("--rounds", rounds)]
    argv = [str(BIN / "python"), str(ROOT / "tests/bench"), *flags, *_after_dashes()]
    processes.replace(argv, environ=os.environ)


@door.task(
    help={
        "folder": "credentials, project, system, envrc.d or rc; several, comma-separated (default: all)",
        "near": "skip the last round, which runs every test with a shell: quicker, and a few more survive",
        "only": "the files to change, comma-separated, such as broker,cache (default: all of the folder)",
        "sample": "how many changes are tried in each folder (default: 20)",
        "seed": "another number tries other changes",
    }
)
def mutate(
    _c: object, folder: str = "", sample: str = "", seed: str = "", only: str = "", near: bool = False
) -> None:
    """Change the code in small places, one at a time, and count what no test notices."""
    from rolecall.workstation.venv import make

    found = processes.run([BIN / "python", "-c", "import cosmic_ray, pytest_cov"])
    if not found.is_ok:
        words = [str(BIN / "python"), "-m", "pip", "install", "-q", *make.requirements(ROOT, ("mutate",))]
        if not _passes(words):
            raise SystemExit(1)
    flags = [*_flag("--folder", folder), *_flag("--sample", sample), *_flag("--seed", seed)]
    flags += [*_flag("--only", only), *(["--near"] if near else [])]
    argv = ["nice", "-n", "15", str(BIN / "python"), "-m", "mutate", *flags]
    processes.replace(argv, environ={**os.environ, "PYTHONPATH": str(ROOT / "tests")})


@door.task()
def picture(_c: object) -> None:
    """Record docs/day.svg anew: a real bash in a project on the sandbox."""
    processes.replace([str(BIN / "python"), str(ROOT / "tests/pictures/day.py")], environ=os.environ)


def _rendered(folder: Path) -> list[str]:
    """Write what is rendered into `folder` for the linters: `.envrc`, a copy, `use`, the rc block."""
    from rolecall.workstation import templates
    from rolecall.workstation.envrc import render

    rc_block = templates.render(ROOT, "rc.bash", hook=True)
    *cold, last = [part.text for part in render.fragments(ROOT) if part.is_cold]  # there they are but texts
    session, its_cold = render.session(ROOT)
    made = {
        "envrc": "\n".join([*cold, render.envrc(ROOT), last]),
        "session.sh": "\n".join([its_cold, *cold, session, last]),
        "rolecall.sh": "\n".join(render.use(name) for name in ("use.cold.sh", "use.sh", "use_rolecall.sh")),
        "rc.bash": rc_block,
    }
    for name, text in made.items():
        (folder / name).write_text(text, encoding="utf-8")
    return [str(folder / name) for name in made]


def _passes(argv: list[str]) -> bool:
    result = processes.run([BIN / argv[0], *argv[1:]], folder=ROOT)
    if not result.is_ok:
        print(result.out + result.err, end="")
    return result.is_ok


def _flag(name: str, value: str) -> list[str]:
    return [name, value] if value else []


def _after_dashes() -> list[str]:
    return sys.argv[sys.argv.index("--") + 1 :] if "--" in sys.argv else []


for _task in (test, lint, bench, mutate, picture):
    namespace.add_task(_task)
