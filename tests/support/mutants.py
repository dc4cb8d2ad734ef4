"""Private files with something wrong in them, always the same: cut short, garbled, with foreign lines."""

import random
from collections.abc import Iterator

EACH = 350
BY_BASH = {"dev.env": 1, "project.snapshot": 2, "dev.failed": 3, "project.claim": 4, "terminals": 5}
NUMBERS = "08 09 1e9 0x10 -1 +5 ² ٣ 1_000 a[$(touch\thacked)] 9999999999999 " + "9" * 5000
NAMES = "PATH IFS direnv PROMPT_COMMAND LD_PRELOAD _rolecall_now BASH_ENV A-B É 1A AWS_X ROLECALL_X @x ' '"
VALUES = (
    "$(touch hacked) `touch hacked` ;touch\thacked a[0$(touch\thacked)] %s %n \\x41 \x1b[2J \u202e ' \" \t"
)

BY_PYTHON = ("dev.env", "project.snapshot", "dev.failed", "terminals")
COUNT = EACH * (len(BY_BASH) + len(BY_PYTHON))


def mutants(text: bytes, chance: random.Random) -> Iterator[bytes]:
    """Yield EACH different files that are not `text`."""
    seen = {text}
    while len(seen) <= EACH:
        made = mutated(text, chance)
        if made not in seen:
            seen.add(made)
            yield made


def mutated(text: bytes, chance: random.Random) -> bytes:
    """Return `text` with one thing wrong, or two."""
    made = chance.choice((in_bytes, in_a_line, in_the_lines))(text, chance)
    return made if made and chance.randrange(4) else in_a_line(made, chance)


def in_bytes(text: bytes, chance: random.Random) -> bytes:
    """Cut it short, or put other bytes in, in place of some or between them."""
    place = chance.randrange(len(text))
    if not chance.randrange(4):
        return text[:place]
    noise = bytes(chance.randrange(1, 256) for _ in range(chance.randrange(1, 9)))
    return text[:place] + noise + text[place + chance.choice((0, len(noise))) :]


def in_a_line(text: bytes, chance: random.Random) -> bytes:
    """Give a line another name or value, or a very long one."""
    lines = text.split(b"\n")
    at = chance.randrange(max(1, len(lines) - 1))
    name, _, value = lines[at].partition(b"=")
    word = chance.choice([*NUMBERS.split(" "), *VALUES.split(" ")]).encode()
    other = chance.choice(NAMES.split(" ")).encode()
    changes = (b"%s=%s" % (name, word), b"%s=%s" % (other, value), b"%s=%s" % (name, value * 300), word)
    lines[at] = chance.choice(changes)
    return b"\n".join(lines)


def in_the_lines(text: bytes, chance: random.Random) -> bytes:
    """Add a line, take one out, have one twice, or have them in another order."""
    lines = text.split(b"\n")
    at = chance.randrange(max(1, len(lines) - 1))
    word = f"{chance.choice(NAMES.split(' '))}={chance.choice(VALUES.split(' '))}".encode()
    new = chance.choice((word, b"x" * chance.randrange(1, 30_000), lines[at]))
    kind = chance.randrange(4)
    if kind == 0:
        chance.shuffle(lines)
    elif kind == 1:
        del lines[at]
    else:
        lines.insert(at, new)
    return b"\n".join(lines)
