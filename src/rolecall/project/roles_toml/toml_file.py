"""A TOML file whose every error names file, line and key.

Must not know what the keys mean.
"""

from __future__ import annotations

import re
import tomllib

from rolecall.errors import ConfigError
from rolecall.system.python.frozen import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping
    from typing import Any

HEADER = re.compile(r"\s*\[+\s*([^\]]+?)\s*\]")
WHERE = re.compile(r"(.*) \(at (?:line (\d+), column \d+|end of document)\)")


@dataclass(frozen=True, slots=True)
class TomlSource:
    """The text of a TOML file, for the lines in its error messages."""

    path: str
    text: str

    def document(self) -> dict[str, Any]:
        """Return the file as nested tables. Raises ConfigError where it is no TOML."""
        try:
            return tomllib.loads(self.text)
        except tomllib.TOMLDecodeError as problem:
            found = WHERE.fullmatch(str(problem))
            line = (found and found[2]) or str(len(self.text.splitlines()))
            says = _plainly(found[1] if found else str(problem))
            raise ConfigError("roles-syntax", f"{self.path}:{line}: {says}", hint=self.hint) from None

    @property
    def hint(self) -> str:
        """The command that helps with every complaint."""
        from rolecall.system.text import quoting

        return quoting.edit_command(self.path)

    def line(self, table: str, key: str) -> int:
        """Return the line of `key` in `[table]`, or of the table, or of the key that holds it, or 1."""
        parent, _, name = table.rpartition(".")
        return self._line(table, key) or self.line(parent, name)

    def _line(self, table: str, key: str) -> int:
        is_within = table == ""
        for number, line in enumerate(self.text.splitlines(), 1):
            if header := HEADER.match(line):
                name = re.sub(r"[\"'\s]", "", header[1])
                if name == f"{table}.{key}".strip("."):
                    return number
                is_within = name == table
            elif is_within and re.match(rf"\s*[\"']?{re.escape(key)}[\"']?\s*[=.]", line):
                return number
        return int(table == "")

    def fail(self, table: str, key: str, problem: str) -> ConfigError:
        """Return the error about `key` of `[table]`, with its line."""
        where = f"[{table}] {key}" if table else f"[{key}]"
        place = f"{self.path}:{self.line(table, key)}"
        return ConfigError("roles-invalid", f"{place}: {where}: {problem}", hint=self.hint)

    def only_known(self, table: str, values: Collection[str], known: Collection[str]) -> None:
        """Raise ConfigError for a key of `values` that is not `known`, naming the closest that is."""
        for key in values:
            if key not in known:
                meant = closest(key, known, "did you mean {}? ")
                raise self.fail(table, key, f"unknown key; {meant}allowed: {', '.join(known)}")

    def table(self, values: Mapping[str, Any], key: str, parent: str) -> Mapping[str, Any]:
        """Return the table `key` of `values`, empty where it is absent. Raises ConfigError."""
        found = values.get(key, {})
        if not isinstance(found, dict):
            raise self.fail(parent, key, "must be a table")
        return found

    def value(self, table: str, values: Mapping[str, Any], key: str, read: Callable[[Any], Any]) -> Any:
        """Return `key` of `values` as `read` converts it, None where it is absent. Raises ConfigError."""
        if key not in values:
            return None
        try:
            return read(values[key])
        except ValueError as problem:
            raise self.fail(table, key, str(problem)) from None


def closest(word: str, known: Collection[str], says: str) -> str:
    """Return `says` with the closest of `known` in it, or nothing where none is close."""
    import difflib

    close = difflib.get_close_matches(word, known, n=1)
    return says.format(close[0]) if close else ""


def _plainly(problem: str) -> str:
    """Return tomllib's words where they say enough, and plainer ones for what people do: names used twice."""
    if re.fullmatch(r"Cannot declare \(.+\) twice", problem):
        name = ".".join(re.findall(r"'([^']*)'", problem))
        return f"[{name}] stands here a second time; a name may be used once"
    if problem == "Cannot overwrite a value":
        return "this key is set a second time in its table; once is allowed"
    return problem[:1].lower() + problem[1:]
