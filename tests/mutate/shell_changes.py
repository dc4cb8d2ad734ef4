"""Changes of a shell fragment or an rc block, line by line: simple ones, in the shells that are installed."""

import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

from mutate.change import Change, replaced

FLIPPED = {
    "==": "!=",
    "!=": "==",
    "-nt": "-ot",
    "-ot": "-nt",
    "-n": "-z",
    "-z": "-n",
    "-ge": "-lt",
    "-lt": "-ge",
    "-le": "-gt",
    "-eq": "-ne",
    ">=": "<",
    "<=": ">",
    "<": ">=",
    ">": "<=",
    "&&": "||",
    "||": "&&",
    "; and ": "; or ",
    "; or ": "; and ",
}
OPERATOR = re.compile(r"(?<= )(?:==|!=|-nt|-ot|-n|-z|-ge|-lt|-le|-eq|>=|<=|<|>|&&|\|\|)(?= )|; and |; or ")
NUMBER = re.compile(r"(?<![\w$>&{.:-])\d+(?![\w>}.:])")
RETURNED = re.compile(r"\b(?:return|exit) $")  # one failure is as good as another: it becomes a success
FILE_TEST = re.compile(r"(?:! )?-[efdOwrxL] \"?[^\s\]\"]+\"? && ")
OPENED = re.compile(r"^(\s*(?:if|elif|while) )(?!!)(.*?)(; (?:then|do))$")
WHOLE = re.compile(
    r"^\s*(?:if|then|else|elif|fi|for|while|do|done|case|esac|end|endif|function|\{|\}|;;|#|_?\w+\(\) \{)"
)
SYNTAX = {".sh": "bash", ".bash": "bash", ".zsh": "zsh", ".fish": "fish", ".tcsh": "tcsh"}


def of(path: Path) -> Iterator[Change]:
    """Yield every change of the file at `path` that its shell can still read."""
    source = path.read_text(encoding="utf-8")
    before = 0
    for number, line in enumerate(source.splitlines(keepends=True), 1):
        for kind, text in _of_line(line.rstrip("\n")):
            changed = Change(path, number, kind, replaced(source, before, before + len(line), f"{text}\n"))
            if changed.text != source and _is_readable(changed):
                yield changed
        before += len(line)


def _of_line(line: str) -> Iterator[tuple[str, str]]:
    if not line.strip() or line.lstrip().startswith(("#", "{%")):
        return
    code = line.partition(" # ")[0]
    for found in OPERATOR.finditer(code):
        if found[0] in {"<", ">"} and "((" not in code:
            continue  # a redirection
        if code[found.start() :].startswith("|| true"):
            continue  # it hides a failure from `set -e`, and so does `&& true`
        yield "comparison flipped", replaced(line, *found.span(), FLIPPED[found[0]])
    for found in NUMBER.finditer(code):
        other = 0 if RETURNED.search(code[: found.start()]) and found[0] != "0" else int(found[0]) + 1
        yield "number changed", replaced(line, *found.span(), str(other))
    for found in FILE_TEST.finditer(code):
        yield "file test left out", replaced(line, *found.span(), "")
    if opened := OPENED.match(code):
        yield "condition negated", f"{opened[1]}! {{ {opened[2]}; }}{opened[3]}"
    if not WHOLE.match(code):
        yield "line left out", f"{line[: len(line) - len(line.lstrip())]}:"


def _is_readable(change: Change) -> bool:
    shell = SYNTAX[change.path.suffix]
    if not shutil.which(shell):
        return False
    text = re.sub(r"(?m)^\{%.*%\}$", "", change.text)
    return (
        subprocess.run([shell, "-n"], input=text, capture_output=True, text=True, check=False).returncode == 0
    )
