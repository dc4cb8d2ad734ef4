"""The people's door: a task parses, calls, prints.

`namespace` is every packaged task; a project's `tasks.py` hands it to Invoke, alone or with its own. A task
of the project's own that is under `needs_role` runs in a role.
"""

from invoke.collection import Collection
from invoke.tasks import Task

from rolecall.tasks import usage
from rolecall.tasks.machine import debug, leaks, review, sandbox, setup
from rolecall.tasks.roles import assume, console, lock, login, programs, role_list, whoami
from rolecall.tasks.roles.in_role import needs_role

__all__ = ["namespace", "needs_role"]

namespace = Collection()
for _module in (
    login,
    role_list,
    setup,
    review,
    assume,
    whoami,
    programs,
    lock,
    console,
    sandbox,
    debug,
    leaks,
):
    for _task in vars(_module).values():
        if isinstance(_task, Task):
            namespace.add_task(_task)

usage.exit_with_2()
