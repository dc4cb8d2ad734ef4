"""The light frozen values behave as the standard library's dataclasses do."""

import dataclasses
import pickle
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from rolecall.system.python import frozen


def made(module: Any) -> Any:
    """Return one class, made by `module`'s dataclass."""

    class Point:
        """A point."""

        x: int
        name: str = module.field(default="p", repr=False)
        tags: dict[str, str] = module.field(default_factory=dict, compare=False)

        @property
        def twice(self) -> int:
            """Return x twice."""
            return self.x * 2

    return module.dataclass(frozen=True, slots=True)(Point)


CASES: list[Callable[[Any, Any], object]] = [
    lambda point, _: repr(point(1)),
    lambda point, _: (point(1) == point(1), point(1) == point(2), point(1) == (1, "p")),
    lambda point, _: point(1, tags={"a": "b"}) == point(1),
    lambda point, _: (point(1, "q").name, point(x=3).x, point(2).twice),
    lambda point, module: module.replace(point(1), name="z").name,
    lambda point, _: point(1).tags is point(1).tags,
    lambda point, _: hasattr(point(1), "__dict__"),
    lambda point, _: point.__doc__,
]


@pytest.mark.parametrize("case", CASES, ids=range(len(CASES)))
def test_dataclass_when_light_then_answers_as_the_standard_one(case: Callable[[Any, Any], object]) -> None:
    """Both classes give the same answer."""
    assert case(made(frozen), frozen) == case(made(dataclasses), dataclasses)


@pytest.mark.parametrize(
    "misuse",
    [
        lambda point: point(),
        lambda point: point(1, "a", {}, 4),
        lambda point: point(1, x=2),
        lambda point: point(1, nosuch=2),
    ],
    ids=["missing", "too-many", "twice", "unknown"],
)
def test_dataclass_when_made_wrongly_then_says_so(misuse: Callable[[Any], object]) -> None:
    """A wrong call is a TypeError, as with the standard one."""
    for module in (frozen, dataclasses):
        with pytest.raises(TypeError):
            misuse(made(module))


@pytest.mark.parametrize(
    ("misuse", "says"),
    [
        (lambda point: point(), "Point() needs x"),
        (lambda point: point(1, "a", {}, 4), "Point() takes 3 values, 4 were given"),
        (lambda point: point(1, "a", x=2, name="b"), "Point(): name, x is unknown or given twice"),
        (lambda point: point(1, nosuch=2), "Point(): nosuch is unknown or given twice"),
    ],
)
def test_dataclass_when_made_wrongly_then_names_what_is_wrong(
    misuse: Callable[[Any], object], says: str
) -> None:
    """With the class, as a traceback shows neither."""
    with pytest.raises(TypeError) as raised:
        misuse(made(frozen))
    assert str(raised.value) == says


@pytest.mark.parametrize(("is_frozen", "slots"), [(False, True), (True, False), (False, False)])
def test_dataclass_when_it_should_be_changeable_or_without_slots_then_refuses(
    *, is_frozen: bool, slots: bool
) -> None:
    """A light one that is neither would be another thing under the same name."""
    with pytest.raises(TypeError, match="frozen values with slots only"):
        frozen.dataclass(frozen=is_frozen, slots=slots)


def test_value_when_a_class_lies_within_another_then_shows_its_whole_name() -> None:
    """As the standard one does, and every field that may be shown."""
    assert repr(made(frozen)(1, tags={"a": "b"})) == "made.<locals>.Point(x=1, tags={'a': 'b'})"
    assert made(frozen).__match_args__ == ("x", "name", "tags")
    assert made(frozen)(1).__eq__((1, "p")) is NotImplemented


def test_value_when_changed_then_refuses() -> None:
    """A frozen value stays as it is."""
    point = made(frozen)(1)
    with pytest.raises(AttributeError):
        point.x = 2
    with pytest.raises(AttributeError, match=r"Point\.x is frozen"):
        del point.x
    assert point.x == 1


def test_value_when_hashed_then_equal_ones_agree() -> None:
    """A value can be a key."""
    point = made(frozen)
    assert len({hash(point(1)), hash(point(1, tags={"a": "b"})), hash(point(2))}) == 2


def test_value_when_pickled_then_comes_back() -> None:
    """Values cross to a worker process and back."""
    from rolecall.project.roles import Role

    role = Role("dev", "arn:aws:iam::111122223333:role/dev", tags={"team": "core"})
    assert pickle.loads(pickle.dumps(role)) == role  # noqa: S301 - our own value


def test_import_when_light_then_brings_no_dataclasses() -> None:
    """What makes it worth having: none of the standard module's imports come along."""
    code = (
        f"import sys; sys.path.insert(0, {str(Path(frozen.__file__).parents[3])!r});"
        "import rolecall.system.python.frozen; print({'dataclasses', 'inspect', 're'} & set(sys.modules))"
    )
    argv = [sys.executable, "-I", "-S", "-c", code]
    done = subprocess.run(argv, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
