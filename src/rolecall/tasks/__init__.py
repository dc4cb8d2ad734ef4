"""The people's door: a task parses, calls, prints.

`namespace` is every packaged task; a project's `tasks.py` hands it to Invoke, alone or with its own. A task
of the project's own that is under `needs_role` runs in a role.
"""

from invoke.collection import Collection
from invoke.tasks import Task

from rolecall.tasks import usage
from rolecall.tasks.machine import debug, leaks, login, review, sandbox, setup
from rolecall.tasks.programs import console, exec_and_serve
from rolecall.tasks.programs.in_role import needs_role
from rolecall.tasks.roles import role_list
from rolecall.tasks.sessions import assume, lock, whoami

__all__ = ["namespace", "needs_role"]

namespace = Collection()
for _module in (
    login,
    role_list,
    setup,
    review,
    assume,
    whoami,
    exec_and_serve,
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
