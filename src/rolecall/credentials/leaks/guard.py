"""The leak guard: which staged lines hold a credential that works, also inside a copied `DIRENV_DIFF`.

Never tells the credential: only its name, the file and the line.
"""

import base64
import os
import re
import shlex
import zlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from rolecall.credentials.identity import keyring
from rolecall.credentials.leaks import own, staged
from rolecall.credentials.leaks.own import Own
from rolecall.credentials.leaks.staged import Line
from rolecall.credentials.model import masked
from rolecall.errors import CredentialError, RolecallError
from rolecall.system.person import person
from rolecall.system.python.frozen import dataclass
from rolecall.system.text.secret import Secret

KEY_ID = re.compile(r"(?<![A-Z0-9])(?:AKIA|ASIA)[A-Z2-7]{16}(?![A-Z0-9])")
SECRET_SHAPE = re.compile(r"(?<![A-Za-z0-9/+])[A-Za-z0-9/+]{40}(?![A-Za-z0-9/+=])")
PACKED = re.compile(r"eJ[A-Za-z0-9_-]{30,}={0,2}")  # zlib's head in base64: what direnv writes
PACKED_MOST_BYTES = 4 << 20
NEAR_LINES = 10  # a key id and its secret stand together
EXAMPLE = "EXAMPLE"  # AWS's documentation ends its keys so


@dataclass(frozen=True, slots=True)
class Leak:
    """A credential in what is staged: where, and what it is."""

    file: str
    number: int
    what: str

    @property
    def text(self) -> str:
        """One line for people."""
        return f"{self.file}:{self.number}: {self.what}"


def find(root: Path, *, environ: Mapping[str, str] = os.environ) -> list[Leak]:
    """Return the leaks in what is staged in the repository around `root`. Raises MachineError."""
    lines = staged.lines(root, environ=environ)
    if not lines:
        return []
    known = own.find(root, environ=environ)
    return of_lines(lines, [*known, *_of_keyring(root, lines)])


def refuse(found: Sequence[Leak]) -> None:
    """Say each leak, and how to unstage it. Raises CredentialError where there is one."""
    for leak in found:
        person.say(leak.text)
    if found:
        names = " ".join(dict.fromkeys(shlex.quote(f":/{leak.file}") for leak in found))
        raise CredentialError(
            "leak-staged",
            "what is staged for the commit holds credentials; take them out, and replace what was shared",
            hint=f"git restore --staged {names}",
        )


def of_lines(lines: Sequence[Line], known: Sequence[Own]) -> list[Leak]:
    """Return the leaks in `lines`: one of the `known`, or any pair of a key id and a secret."""
    texts = [(line, text) for line in lines for text in (line.text, *_unpacked(line.text))]
    found = [
        Leak(line.file, line.number, f"{one.name}{_where(line, text)}")
        for one in known
        for line, text in texts
        if one.text.reveal() in text
    ]
    pairs = [
        leak for leak in _pairs(texts) if (leak.file, leak.number) not in {(f.file, f.number) for f in found}
    ]
    return sorted(dict.fromkeys([*found, *pairs]), key=lambda leak: (leak.file, leak.number, leak.what))


def _pairs(texts: Sequence[tuple[Line, str]]) -> Iterator[Leak]:
    """Yield each secret that stands near a key id, whoever's they are."""
    ids = [
        (line, found[0])
        for line, text in texts
        for found in KEY_ID.finditer(text)
        if not found[0].endswith(EXAMPLE)
    ]
    for line, text in texts if ids else ():
        near = [
            key_id
            for other, key_id in ids
            if other.file == line.file and abs(other.number - line.number) <= NEAR_LINES
        ]
        for found in SECRET_SHAPE.finditer(text) if near else ():
            if _is_random(found[0]):
                yield Leak(
                    line.file, line.number, f"the secret of access key {masked(near[0])}{_where(line, text)}"
                )


def _is_random(text: str) -> bool:
    """Whether `text` could be a secret: a digest in hex has one case, a path or a word no digits."""
    kinds = (any(map(str.isupper, text)), any(map(str.islower, text)), any(map(str.isdigit, text)))
    return all(kinds) and not text.endswith(f"{EXAMPLE}KEY")


def _where(line: Line, text: str) -> str:
    return "" if text is line.text else ", in a DIRENV_DIFF"


def _unpacked(text: str) -> Iterator[str]:
    """Yield what direnv packed into a value of `text`: base64 of zlib of JSON (its gzenv.go)."""
    for found in PACKED.finditer(text):
        packed = found[0].rstrip("=")
        try:
            whole = base64.urlsafe_b64decode(packed + "=" * (-len(packed) % 4))
            yield zlib.decompressobj().decompress(whole, PACKED_MOST_BYTES).decode(errors="replace")
        except (ValueError, zlib.error):
            continue


def _of_keyring(root: Path, lines: Sequence[Line]) -> Iterator[Own]:
    """Yield the keyring's key where a line may hold it: its id is known by a digest, without opening it."""
    name = own.keyring_name(root)
    if not name:
        return
    texts = [text for line in lines for text in (line.text, *_unpacked(line.text))]
    for text in texts:
        for found in KEY_ID.finditer(text):
            if keyring.name_of(found[0]) == name:
                yield Own(
                    Secret(found[0], remembered=False), f"access key {masked(found[0])} of the OS keyring"
                )
    if any(SECRET_SHAPE.search(text) for text in texts):
        try:
            key_id, secret = keyring.read(name)
        except RolecallError:
            return  # a locked keyring must not stop every commit; its key id is found all the same
        yield Own(secret, f"the secret of access key {masked(key_id)} of the OS keyring")
