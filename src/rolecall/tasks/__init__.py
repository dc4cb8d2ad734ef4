"""The people's door: a task parses, calls, prints.

`namespace` is every packaged task; a project's `tasks.py` hands it to Invoke, alone or with its own.
"""

from invoke.collection import Collection
from invoke.tasks import Task

from rolecall.tasks import usage
from rolecall.tasks.machine import debug, leaks, review, sandbox, setup
from rolecall.tasks.roles import assume, console, lock, login, programs, role_list, whoami

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
