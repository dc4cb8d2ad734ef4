"""The idle prompt: the rc block's functions in a loop of their own shell, less the same loop without them.

The loops are in the words of each shell. Must not judge.
"""

from dataclasses import dataclass
from pathlib import Path

import counters
from arena import Arena
from timing import Sample, Subject

from rolecall.system.programs import processes
from rolecall.workstation import templates

TURNS = 2000
TRACED_TURNS = 20
FAR = 4102444800  # 2100-01-01: never due
LOOPS = {
    "bash": "export ROLECALL_RENEW_AT={far}\nfor ((n = 0; n < {turns}; n++)); do {body}; done\n",
    "zsh": "export ROLECALL_RENEW_AT={far}\nfor ((n = 0; n < {turns}; n++)); do {body}; done\n",
    "fish": "set -gx ROLECALL_RENEW_AT {far}\nfor n in (seq {turns})\n  {body}\nend\n",
}
BODIES = {
    "bash": "_rolecall_prompt",
    "zsh": "_rolecall_precmd",
    "fish": "_rolecall_prompt",
}
ARGV = {
    "bash": ("bash", "--norc", "--noprofile"),
    "zsh": ("zsh", "-f"),
    "fish": ("fish", "--no-config", "--interactive"),
}


@dataclass(frozen=True, slots=True)
class Loop:
    """One shell's loop with the block's functions, and the same without."""

    shell: str
    full: Path
    empty: Path

    @property
    def is_here(self) -> bool:
        """Whether the shell is installed."""
        return processes.find(self.shell) is not None


def loops(arena: Arena, *, turns: int = TURNS) -> list[Loop]:
    """Write the loops of every shell."""
    return [_loop(arena, shell, turns) for shell in LOOPS]


def subjects(arena: Arena, loop: Loop) -> list[Subject]:
    """Return what to time."""
    return [
        Subject(f"prompt-{loop.shell}", lambda: arena.run([*ARGV[loop.shell], loop.full])),
        Subject(f"prompt-{loop.shell}-empty", lambda: arena.run([*ARGV[loop.shell], loop.empty])),
    ]


def microseconds(full: Sample, empty: Sample, *, turns: int = TURNS) -> float:
    """Return the block's cost for one prompt."""
    return max(0.0, full.median - empty.median) / turns * 1000


def forks(arena: Arena, shell: str) -> int:
    """Return how many processes the block started in some prompts."""
    loop = _loop(arena, shell, TRACED_TURNS)
    full, empty = (
        counters.trace(arena, [*ARGV[shell], path], arena.folder) for path in (loop.full, loop.empty)
    )
    return full.beyond(empty)


def _loop(arena: Arena, shell: str, turns: int) -> Loop:
    block = templates.render(arena.folder, f"rc.{shell}", hook=False)
    paths = []
    for body in (BODIES[shell], ":" if shell != "fish" else "true"):
        path = arena.folder / f"loop-{turns}-{len(body)}.{shell}"
        path.write_text(f"{block}\n{LOOPS[shell].format(far=FAR, turns=turns, body=body)}true\n")
        paths.append(path)
    return Loop(shell, *paths)
