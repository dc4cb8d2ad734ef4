"""The task `leaks`: refuse credentials in what is staged for a commit. git's hook calls it."""

from rolecall.tasks import door


@door.task()
def leaks(_c: object) -> None:
    """Refuse a commit with a credential in it: say where it is staged, and exit with 1."""
    from rolecall.credentials.leaks import guard

    guard.refuse(guard.find(door.root()))
