"""A small XML document as nested dicts and texts: elements without attributes or namespaces.

Reads what AWS's query protocol needs and nothing of what makes XML dangerous: a document type, an entity
of its own, another encoding than UTF-8, deep nesting and a name that occurs twice are errors.
"""

import pyexpat

from rolecall.system.text.secret import Secret

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Container
    from typing import Any

DEPTH_MOST = 16


class _Builder:
    """The document read so far: one (name, children, texts) for each open element."""

    def __init__(self, secrets: "Container[str]") -> None:
        self.open: list[tuple[str, dict[str, Any], list[str]]] = [("", {}, [])]
        self.secrets = secrets

    def start(self, name: str, _attributes: object) -> None:
        if len(self.open) > DEPTH_MOST:
            raise ValueError("it is nested too deeply")
        self.open.append((name.rpartition(" ")[2], {}, []))

    def text(self, data: str) -> None:
        self.open[-1][2].append(data)

    def end(self, _name: str) -> None:
        name, children, texts = self.open.pop()
        text = "".join(texts)
        if children and text.strip():
            raise ValueError("text stands between its elements")
        siblings = self.open[-1][1]
        if name in siblings:
            raise ValueError("an element occurs twice")
        siblings[name] = children or (Secret(text) if name in self.secrets else text)


def parse(document: bytes, *, secrets: "Container[str]" = ()) -> dict[str, "Any"]:
    """Return {name of the root: its children, or its text, a Secret where its name is in `secrets`}.

    Raises ValueError; its words hold no content.
    """
    builder = _Builder(secrets)
    parser = pyexpat.ParserCreate("UTF-8", " ")
    parser.buffer_text = True
    parser.StartElementHandler = builder.start
    parser.CharacterDataHandler = builder.text
    parser.EndElementHandler = builder.end
    parser.StartDoctypeDeclHandler = _refuse
    try:
        parser.Parse(document.decode(), True)
    except UnicodeDecodeError:
        raise ValueError("it is not UTF-8") from None
    except pyexpat.ExpatError as problem:
        raise ValueError(f"it is not XML: {pyexpat.ErrorString(problem.code)}") from None
    return builder.open[0][1]


def _refuse(*_declared: object) -> None:
    raise ValueError("it declares a document type")
