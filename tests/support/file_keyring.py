"""An OS keyring in a file, by keyring's own backend API: what a test puts in its place."""

import json
import os
from pathlib import Path

from keyring.backend import KeyringBackend


class FileKeyring(KeyringBackend):
    """Keeps passwords in the file that FILE_KEYRING names; with FILE_KEYRING_FORGETS it forgets them."""

    priority = 1

    def get_password(self, service: str, username: str) -> str | None:
        """Return what was kept."""
        found: str | None = self._read().get(f"{service}/{username}")
        return found

    def set_password(self, service: str, username: str, password: str) -> None:
        """Keep a password."""
        if not os.environ.get("FILE_KEYRING_FORGETS"):
            self._path.write_text(json.dumps({**self._read(), f"{service}/{username}": password}))

    def delete_password(self, service: str, username: str) -> None:
        """Forget a password."""
        kept = self._read()
        kept.pop(f"{service}/{username}", None)
        self._path.write_text(json.dumps(kept))

    @property
    def _path(self) -> Path:
        return Path(os.environ["FILE_KEYRING"])

    def _read(self) -> dict[str, str]:
        return json.loads(self._path.read_text()) if self._path.exists() else {}
