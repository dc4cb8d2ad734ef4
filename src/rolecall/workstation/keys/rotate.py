"""Replace a person's long-lived key: make the new one, verify it, switch to it, delete the old one.

Safe at every interruption. What was begun stands in a file (no secret; keys by their names) before IAM is
asked: the next run takes back a key whose secret was lost with the process, or deletes the old one where the
new one is in place. Must not print, or know where keys are kept (place does).
"""

import contextlib
import json
import os
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import sha256

from rolecall.credentials.aws import sts
from rolecall.credentials.aws.query.signature import Keys
from rolecall.credentials.identity.keyring import name_of
from rolecall.credentials.model import masked
from rolecall.errors import CredentialError, RolecallError, UsageError
from rolecall.system.clock import Deadline
from rolecall.system.disk import files, locks, paths
from rolecall.workstation.keys.iam import AccessKey, Iam
from rolecall.workstation.keys.place import Place

QUOTA = 2  # IAM User Guide, "IAM and STS quotas": access keys for each user
VERIFY_SECONDS, PAUSE_SECONDS = 60.0, 2.0  # a new key is known everywhere after some seconds
CLOCKS_SECONDS = 300
STRANGE = ("key-unknown", "secret-wrong", "token-invalid")


@dataclass(frozen=True, slots=True)
class Begun:
    """A rotation under way: the old key and the user's keys before it, by name, and when it began."""

    old: str
    before: tuple[str, ...]
    at: float


@dataclass(frozen=True, slots=True)
class Rotation:
    """One rotation of the keys in `place`; `say` tells each step."""

    place: Place
    environ: Mapping[str, str]
    region: str
    say: Callable[[str], None]
    clock: Callable[[], float] = field(default=time.time, repr=False)
    sleep: Callable[[float], None] = field(default=time.sleep, repr=False)

    def run(self) -> None:
        """Replace the key, or end what was interrupted. Raises RolecallError; one key works in any case."""
        with self._locked():
            keys, begun = self.place.read(), self._begun()
            if begun and name_of(keys.key_id) != begun.old:
                self._delete_old(keys, begun)
            else:
                self._replace(keys, begun)

    def _replace(self, keys: Keys, begun: Begun | None) -> None:
        iam = self._iam(keys)
        known = self._without_orphans(iam, begun)
        _check_quota(known, keys)
        started = Begun(name_of(keys.key_id), tuple(name_of(one.key_id) for one in known), self.clock())
        self._write(started)
        new = iam.made()
        self.say(f"made access key {masked(new.key_id)}")
        try:
            self._verify(new, self._caller(keys))
        except RolecallError:
            iam.delete(new.key_id)
            files.remove(self._path)
            raise
        self.place.write(new)
        self.say(f"{self.place.label} holds access key {masked(new.key_id)} now")
        self._delete_old(new, started)

    def _without_orphans(self, iam: Iam, begun: Begun | None) -> list[AccessKey]:
        """Delete the key that an interrupted rotation made, whose secret nobody has; return the others."""
        known, kept = iam.listed(), []
        for one in known:
            is_orphan = begun and name_of(one.key_id) not in begun.before
            if is_orphan and begun and one.created >= begun.at - CLOCKS_SECONDS:
                iam.delete(one.key_id)
                self.say(f"took back access key {masked(one.key_id)}, which an interrupted rotation had made")
            else:
                kept.append(one)
        return kept

    def _delete_old(self, keys: Keys, begun: Begun) -> None:
        self._verify(keys, None)
        iam = self._iam(keys)
        for one in iam.listed():
            if name_of(one.key_id) == begun.old:
                iam.delete(one.key_id)
                self.say(f"deleted access key {masked(one.key_id)}")
        files.remove(self._path)

    def _verify(self, keys: Keys, same_as: sts.Caller | None) -> None:
        """Wait until AWS knows `keys`. Raises CredentialError where it does not, or of another user."""
        until = Deadline.after(VERIFY_SECONDS)
        while True:
            try:
                caller = self._caller(keys)
                break
            except CredentialError as problem:
                if problem.code not in STRANGE or until.seconds_left <= PAUSE_SECONDS:
                    raise
            self.sleep(PAUSE_SECONDS)
        if same_as and caller.arn != same_as.arn:
            raise CredentialError("rotation-wrong", f"the new key is of {caller.arn}, not of {same_as.arn}")

    def _caller(self, keys: Keys) -> sts.Caller:
        client = sts.client(keys, region=self.region, environ=self.environ, deadline=Deadline.after(15.0))
        return sts.caller(client, label=f"keys {masked(keys.key_id)}")

    def _iam(self, keys: Keys) -> Iam:
        return Iam(keys, self.environ, self.region)

    @contextlib.contextmanager
    def _locked(self) -> Iterator[None]:
        folder = files.private_dir(files.private_dir(paths.state_dir(environ=os.environ)) / "rotations")
        with locks.exclusive(folder / "lock", deadline=Deadline.after(5.0)):
            yield

    @property
    def _path(self) -> str:
        name = sha256(self.place.name.encode()).hexdigest()[:16]
        return str(paths.state_dir(environ=os.environ) / "rotations" / f"{name}.json")

    def _begun(self) -> Begun | None:
        try:
            kept = json.loads(files.read_own(self._path) or "")
            return Begun(str(kept["old"]), tuple(map(str, kept["before"])), float(kept["at"]))
        except (ValueError, KeyError, TypeError):
            return None

    def _write(self, begun: Begun) -> None:
        kept = {"old": begun.old, "before": list(begun.before), "at": begun.at}
        files.write_private(self._path, json.dumps(kept))


def _check_quota(known: list[AccessKey], keys: Keys) -> None:
    """Raise UsageError where IAM would give no further key."""
    others = [one for one in known if one.key_id != keys.key_id]
    if len(known) < QUOTA or not others:
        return
    other = others[0]
    state = "" if other.is_active else ", inactive"
    made = time.strftime("%Y-%m-%d", time.gmtime(other.created))
    raise UsageError(
        "key-quota",
        f"IAM gives a user two access keys, and there are two: {masked(keys.key_id)} (in use here) and "
        f"{masked(other.key_id)} (made {made}{state}); delete that one in IAM first, where nothing uses it",
    )
