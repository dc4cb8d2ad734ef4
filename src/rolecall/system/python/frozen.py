"""Frozen dataclasses for the modules that a `cd` loads, without importing `dataclasses`.

The standard module brings `inspect`, `ast` and `re` with it: 18 ms where Python itself starts in 8. Its
words are kept, so a type checker sees the real thing, and the difference is one import line. Must not grow
beyond frozen values with slots: no inheritance, no mutable fields, no `__post_init__`.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dataclasses import dataclass, field, replace
else:
    MISSING = object()

    class field:
        """One field's default and whether it is shown and compared."""

        def __init__(self, *, default=MISSING, default_factory=None, repr=True, compare=True):
            self.default, self.default_factory = default, default_factory
            self.repr, self.compare = repr, compare

    def dataclass(*, frozen, slots):
        """Return the decorator; both words must be true."""
        if not (frozen and slots):
            raise TypeError("system.frozen makes frozen values with slots only")
        return _made

    def replace(value, /, **changes):
        """Return a copy of `value` with `changes`."""
        present = {name: getattr(value, name) for name in value.__match_args__}
        return type(value)(**(present | changes))

    def _made(cls):
        names = tuple(cls.__dict__.get("__annotations__", {}))
        namespace = {
            name: value for name, value in cls.__dict__.items() if name not in ("__dict__", "__weakref__")
        }
        fields = {name: _field(namespace.pop(name, MISSING)) for name in names}
        namespace |= {"__slots__": names, "__match_args__": names, "__qualname__": cls.__qualname__}
        namespace |= {
            "__init__": _initialiser(cls.__name__, fields),
            "__setattr__": _refuse,
            "__delattr__": _refuse,
        }
        namespace |= {"__repr__": _shower(fields), **_comparison(fields), **_pickling(names)}
        return type(cls)(cls.__name__, cls.__bases__, namespace)

    def _field(value):
        return value if isinstance(value, field) else field(default=value)

    def _initialiser(name, fields):
        names, setter = tuple(fields), object.__setattr__

        def __init__(self, *words, **named):
            if len(words) > len(names):
                raise TypeError(f"{name}() takes {len(names)} values, {len(words)} were given")
            given = dict(zip(names, words, strict=False))
            if twice := given.keys() & named.keys() or named.keys() - fields.keys():
                raise TypeError(f"{name}(): {', '.join(sorted(twice))} is unknown or given twice")
            given.update(named)
            for own, made in fields.items():
                if own in given:
                    setter(self, own, given[own])
                elif made.default_factory is not None:
                    setter(self, own, made.default_factory())
                elif made.default is not MISSING:
                    setter(self, own, made.default)
                else:
                    raise TypeError(f"{name}() needs {own}")

        return __init__

    def _shower(fields):
        shown = [name for name, made in fields.items() if made.repr]

        def __repr__(self):
            values = ", ".join(f"{name}={getattr(self, name)!r}" for name in shown)
            return f"{type(self).__qualname__}({values})"

        return __repr__

    def _comparison(fields):
        names = [name for name, made in fields.items() if made.compare]

        def __eq__(self, other):
            if other.__class__ is not self.__class__:
                return NotImplemented
            return all(getattr(self, name) == getattr(other, name) for name in names)

        def __hash__(self):
            return hash(tuple(getattr(self, name) for name in names))

        return {"__eq__": __eq__, "__hash__": __hash__}

    def _pickling(names):
        def __getstate__(self):
            return [getattr(self, name) for name in names]

        def __setstate__(self, state):
            for name, value in zip(names, state, strict=True):
                object.__setattr__(self, name, value)

        return {"__getstate__": __getstate__, "__setstate__": __setstate__}

    def _refuse(self, name, *_value):
        raise AttributeError(f"{type(self).__name__}.{name} is frozen")


__all__ = ["dataclass", "field", "replace"]
