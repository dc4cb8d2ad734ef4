"""Fill in a template: the project's own from its `templates/`, else the one that rolecall ships.

A project has a say in its own files alone. What goes into a person's startup files and direnv's folder is
shipped: a repository must not write there.
Jinja2 is imported only when something is rendered. One run renders the same templates for its plan, its work
and its proof: each text is compiled once.
"""

import functools
import json
from pathlib import Path
from typing import Any

from rolecall.errors import ConfigError
from rolecall.system.disk import files, paths
from rolecall.system.python import origin
from rolecall.system.text import quoting

OF_A_PROJECT = ("envrc.j2", "fragments.j2", "env.j2", "roles.toml")


def render(root: Path | None, name: str, **values: Any) -> str:
    """Return template `name` filled in, without `root` the shipped one.

    Raises ConfigError naming the template and its line.
    """
    import jinja2

    places = (*([root / "templates"] if root else []), paths.shipped("templates"))
    environment = jinja2.Environment(
        loader=jinja2.FunctionLoader(lambda wanted: _found(wanted, places)),
        undefined=jinja2.StrictUndefined,
        keep_trailing_newline=True,
        trim_blocks=True,
        lstrip_blocks=True,
        bytecode_cache=_compiled(),
        autoescape=False,  # noqa: S701 - shell text, not HTML: every value goes through a quoting filter
    )
    environment.filters.update(shell=quoting.shell, dotenv=quoting.dotenv, json=json.dumps)
    try:
        return environment.get_template(name).render(**values)
    except jinja2.TemplateNotFound as problem:
        message = f"no template {problem.name} in {' or '.join(map(str, places))}"
        raise ConfigError("template-missing", message, hint=origin.install_command()) from problem
    except jinja2.TemplateSyntaxError as problem:
        file = Path(problem.filename or name)
        message = f"{file}:{problem.lineno}: {problem.message}"
        hint = quoting.edit_command(file, problem.lineno)
        raise ConfigError("template-syntax", message, hint=hint) from problem
    except jinja2.UndefinedError as problem:
        hint = quoting.edit_command(Path("templates", name))
        raise ConfigError("template-value", f"templates/{name}: {problem.message}", hint=hint) from problem


@functools.cache
def _compiled() -> Any:
    """Return the code of the templates that this process has rendered; Jinja2 compares each with its text."""
    import jinja2.bccache

    class Memory(jinja2.BytecodeCache):
        def __init__(self) -> None:
            self.codes: dict[str, bytes] = {}

        def load_bytecode(self, bucket: jinja2.bccache.Bucket) -> None:
            if code := self.codes.get(bucket.key):
                bucket.bytecode_from_string(code)

        def dump_bytecode(self, bucket: jinja2.bccache.Bucket) -> None:
            self.codes[bucket.key] = bucket.bytecode_to_string()

    return Memory()


def _found(name: str, places: tuple[Path, ...]) -> tuple[str, str, None] | None:
    """Return the text and path of template `name` in the first of `places` that has it.

    Of a project only OF_A_PROJECT is looked for: its `templates/` may be a web framework's, and
    `rolecall review` shows what a pull changes of these, and of no other.
    """
    looked_in = places if name in OF_A_PROJECT else places[-1:]
    path = next((folder / name for folder in looked_in if (folder / name).is_file()), None)
    return (files.read_text(path) or "", str(path), None) if path else None
