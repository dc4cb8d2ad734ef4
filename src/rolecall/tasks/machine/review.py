"""The task `review`: what has changed of what the person approved, shown before any of it runs."""

from rolecall.tasks import door


@door.task()
def review(_c: object) -> None:
    """Show what has changed since you approved it, in full, and approve it or not."""
    from rolecall.workstation.review import copy, run

    root = door.root()
    copy.become(root)
    run.review(root)
