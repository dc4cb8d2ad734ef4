"""The reach of a login at IAM Identity Center: the accounts, and the permission sets in each.

Asks the portal page by page, for a few accounts at a time, and waits where it is throttled. Must not start a
login, or know what becomes of the answer.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

from rolecall.credentials.failures.explained import explained
from rolecall.credentials.identity_center import sdk_client
from rolecall.credentials.identity_center.token_files import Token
from rolecall.project.roles import SsoSession
from rolecall.system.clock import Deadline

if TYPE_CHECKING:
    import botocore.session

MOST_IN_PAGE = 100  # ListAccounts and ListAccountRoles, API reference: maxResults
AT_ONCE = 4
SAID_EVERY = 100  # accounts: throttled to 20 requests a second, that is five seconds
PATIENCE_SECONDS = 300.0
ONE_SECONDS = 60.0  # for one page, throttled as it may be


@dataclass(frozen=True, slots=True)
class Account:
    """An account that the login reaches."""

    id: str
    name: str

    def matches(self, pattern: str) -> bool:
        """Return whether its id or its name is as `pattern` says (* and ?); nothing matches every one."""
        return not pattern or any(fnmatchcase(word, pattern) for word in (self.id, self.name))


@dataclass(frozen=True, slots=True)
class Reached:
    """A permission set that the login may use in an account."""

    account: Account
    role_name: str


@dataclass(frozen=True, slots=True)
class Filters:
    """Which accounts and permission sets are wanted, as shell patterns; nothing means every one."""

    account: str = ""
    permission_set: str = ""


def reached(
    portal: SsoSession,
    session: "botocore.session.Session",
    token: Token,
    *,
    filters: Filters,
    say: Callable[[str], object],
) -> tuple[Reached, ...]:
    """Return what `token` reaches, by account name and permission set.

    Raises LoginNeededError where the login has ended, CredentialError where the portal refuses or cannot be
    reached.
    """
    from concurrent.futures import ThreadPoolExecutor

    client = sdk_client.create(session, "sso", region=portal.region)
    until = Deadline.after(PATIENCE_SECONDS)
    with explained(sdk_client.about(client, portal)):
        pages = _pages(client.list_accounts, "accountList", until, accessToken=token.access)
        every = [Account(one["accountId"], one.get("accountName") or one["accountId"]) for one in pages]
        accounts = sorted(
            (one for one in every if one.matches(filters.account)), key=lambda one: (one.name, one.id)
        )
        say(f"asking for the permission sets of {len(accounts)} of {len(every)} accounts")

        def roles_of(account: Account) -> list[str]:
            words = {"accessToken": token.access, "accountId": account.id}
            names = [one["roleName"] for one in _pages(client.list_account_roles, "roleList", until, **words)]
            wanted = filters.permission_set
            return sorted(name for name in names if not wanted or fnmatchcase(name, wanted))

        found: list[Reached] = []
        with ThreadPoolExecutor(AT_ONCE) as pool:
            for number, names in enumerate(pool.map(roles_of, accounts)):
                found += [Reached(accounts[number], name) for name in names]
                if number and number % SAID_EVERY == 0:
                    say(f"{number} of {len(accounts)} accounts")
    return tuple(found)


def _pages(call: Callable[..., Any], key: str, until: Deadline, **words: str) -> Iterator[Mapping[str, Any]]:
    more: dict[str, str] = {}
    while True:
        deadline = Deadline.after(min(ONE_SECONDS, until.seconds_left))
        asked = {**words, **more}
        answer = sdk_client.retried(lambda: call(maxResults=MOST_IN_PAGE, **asked), deadline)  # noqa: B023 - called at once
        yield from answer[key]
        if not answer.get("nextToken"):
            return
        more = {"nextToken": answer["nextToken"]}
