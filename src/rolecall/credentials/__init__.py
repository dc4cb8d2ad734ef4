"""Getting and keeping credentials; also callable: `rolecall.credentials("dev")` is the frozen session.

Importing any module of this package puts the package in the place of the function of that name in
`rolecall`, so the package answers the call too.
"""

import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rolecall.credentials.model import Session


class _Callable(type(sys)):  # type: ignore[misc] # types.ModuleType, without importing types
    def __call__(self, *words: Any, **options: Any) -> "Session":
        from rolecall import sdk

        return sdk.credentials(*words, **options)


sys.modules[__name__].__class__ = _Callable
