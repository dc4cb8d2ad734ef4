"""The project fixtures of the sandbox, for its tasks."""

from support.sandbox_project import invoke, root

__all__ = ["invoke", "root"]
