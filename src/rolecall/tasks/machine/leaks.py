"""The task `leaks`: refuse credentials in what is staged for a commit. git's hook calls it."""

from rolecall.tasks import door


@door.task()
def leaks(_c: object) -> None:
    """Say where what is staged for a commit holds a credential; exit 1 then."""
    from rolecall.credentials.leaks import guard

    guard.refuse(guard.find(door.root()))
