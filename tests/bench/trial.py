"""One run of the benchmark: which subjects the wanted rows need, raced and counted.

It decides the order of a run, and which subjects race together. Must not print, or know how a number is made.
"""

import random
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import counters
import growth
import peers
import places
import prompts
import rows
from arena import Arena
from peers import Entrant, Missing
from places import Places
from rows import Ratio, Row
from timing import Sample, Subject, race

from rolecall.system.disk import files

QUICK_PER_SLOW = 2
SHELLS = 50


@dataclass(frozen=True, slots=True)
class Findings:
    """Everything a run found."""

    rows: tuple[Row, ...]
    samples: Mapping[str, Sample]
    entrants: tuple[Entrant, ...]
    missing: tuple[Missing, ...]


@dataclass(frozen=True, slots=True)
class Trial:
    """What to measure and how much: rounds of the quick subjects (slow: half), shells at once."""

    arena: Arena
    keys: Sequence[str]
    rounds: int
    shells: int
    order: random.Random
    say: Callable[[str], None]

    def run(self) -> Findings:
        """Measure the rows. Raises BenchError where the work was not done."""
        self.say("preparing the projects")
        ground = places.prepare(self.arena)
        tried = [peers.enter(self.arena, peer) for peer in self._looked_for()]
        entrants = tuple(one for one in tried if isinstance(one, Entrant))
        counted = self._counted(ground)
        samples = {
            **self._raced(self._quick(ground), self.rounds),
            **self._raced(self._slow(ground, entrants), self._slow_rounds),
        }
        reasons = {one.name: one.reason for one in tried if isinstance(one, Missing)}
        ratios = [self._judged(ratio, samples, reasons) for ratio in rows.RATIOS if ratio.key in self.keys]
        found = [*ratios, *counted, *self._prompts(), *self._resident(ground)]
        return Findings(
            tuple(found), samples, entrants, tuple(one for one in tried if isinstance(one, Missing))
        )

    @property
    def _slow_rounds(self) -> int:
        return max(1, -(-self.rounds // QUICK_PER_SLOW))

    def _looked_for(self) -> Sequence[peers.Peer]:
        every = peers.every(self.arena)
        needed = {name for key, name in rows.NEEDS.items() if key in self.keys}
        return [peer for peer in every if rows.PEERS in self.keys or peer.name in needed]

    def _judged(self, ratio: Ratio, samples: Mapping[str, Sample], reasons: Mapping[str, str]) -> Row:
        """Judge a ratio; where its peer is missing, say why."""
        row = ratio.row(samples)
        reason = reasons.get(rows.NEEDS.get(ratio.key, ""))
        return row.unmeasured(reason) if reason else row

    def _quick(self, ground: Places) -> dict[str, Subject]:
        subjects = ground.quick()
        if any(ratio.key in self.keys for ratio in rows.GROWTH):
            subjects |= growth.subjects(self.arena)
        return self._chosen((*rows.QUICK, *rows.GROWTH), subjects)

    def _chosen(self, ratios: Sequence[Ratio], subjects: Mapping[str, Subject]) -> dict[str, Subject]:
        """Pick the subjects of the wanted ratios."""
        wanted = [name for ratio in ratios if ratio.key in self.keys for name in (ratio.subject, ratio.base)]
        return {name: subjects[name] for name in wanted if name in subjects}

    def _slow(self, ground: Places, entrants: Sequence[Entrant]) -> dict[str, Subject]:
        """Pick what takes long, and what the peers are compared with in the same rounds."""
        beside = {
            peers.beside(name): replace(one, name=peers.beside(name))
            for name, one in ground.quick().items()
            if name in peers.BESIDE
        }
        chosen = self._chosen(rows.SLOW, {**ground.slow(), **beside})
        for entrant in entrants:
            chosen |= {one.name: one for one in (entrant.cold, entrant.warm) if one}
        if rows.PEERS in self.keys and entrants:
            chosen |= beside
            chosen |= {"cold cd": ground.slow()["cold cd"]}
        return chosen

    def _raced(self, chosen: Mapping[str, Subject], rounds: int) -> Mapping[str, Sample]:
        if not chosen:
            return {}
        self.say(f"{rounds} rounds of {len(chosen)}: {'; '.join(chosen)}")
        return race(list(chosen.values()), rounds, order=self.order)

    def _counted(self, ground: Places) -> list[Row]:
        found = []
        if "processes" in self.keys:
            found.append(_processes(self.arena, ground))
        if "crowd" in self.keys:
            self.say(f"{self.shells} shells at once")
            found.append(_crowd(self.arena, self.shells))
        return found

    def _prompts(self) -> list[Row]:
        if "prompt" not in self.keys:
            return []
        self.say("idle prompts")
        return [self._prompt(loop) for loop in prompts.loops(self.arena)]

    def _prompt(self, loop: prompts.Loop) -> Row:
        row = replace(rows.PROMPT, key=f"prompt-{loop.shell}", what=f"{rows.PROMPT.what} {loop.shell}")
        if not loop.is_here:
            return row.unmeasured(f"no {loop.shell} here")
        full, empty = race(prompts.subjects(self.arena, loop), self._slow_rounds, order=self.order).values()
        value = prompts.microseconds(full, empty)
        if not counters.can_trace():
            return row.judged(value, "forks not counted: no strace here")
        forks = prompts.forks(self.arena, loop.shell)
        return row.judged(value, f"{forks} forks", and_also=forks == 0)

    def _resident(self, ground: Places) -> list[Row]:
        return [_resident(self.arena, ground)] if "resident" in self.keys else []


def _processes(arena: Arena, ground: Places) -> Row:
    if not counters.can_trace():
        return rows.PROCESSES.unmeasured("no strace here")
    argv = ["direnv", "export", "bash"]
    warm, static = (counters.trace(arena, argv, place.root) for place in (ground.warm, ground.static))
    detail = f"{warm.programs} programs in {warm.forks} forks, static {static.programs} in {static.forks}"
    return rows.PROCESSES.judged(warm.beyond(static), detail)


def _crowd(arena: Arena, shells: int) -> Row:
    found = counters.crowd(arena, shells)
    detail = f"{found.served} of {found.shells} with credentials, after {found.seconds:.1f} s"
    row = replace(rows.CROWD, what=f"{shells} {rows.CROWD.what}")
    return row.judged(found.calls, detail, and_also=found.calls == 1 and found.served == found.shells)


def _resident(arena: Arena, ground: Places) -> Row:
    """Count after a renewal behind the prompt, the one thing that outlives a `cd`."""
    if not counters.can_look_around():
        return rows.RESIDENT.unmeasured("no /proc here")
    session = ground.warm.sessions / "dev.env"
    lines = (files.read_text(session) or "").splitlines()
    kept = [line for line in lines if not line.startswith("ROLECALL_RENEW_AT=")]
    soft = "\n".join([*kept, f"ROLECALL_RENEW_AT={int(time.time()) - 1}", ""])
    files.write_private(session, soft)
    arena.cd(ground.warm)
    is_renewed = counters.settled(lambda: files.read_text(session) != soft)
    detail = (
        "after a renewal behind the prompt" if is_renewed else "the renewal behind the prompt did not come"
    )
    return rows.RESIDENT.judged(counters.resident(arena), detail, and_also=is_renewed)
