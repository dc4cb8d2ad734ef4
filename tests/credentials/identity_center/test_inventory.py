"""What a login reaches: every page of it, in order, and no account that is not wanted."""

import pytest

from rolecall.credentials.aws import sdk
from rolecall.credentials.identity_center import inventory
from rolecall.credentials.identity_center.inventory import Account, Filters
from rolecall.credentials.identity_center.token_files import Token
from rolecall.errors import CredentialError, LoginNeededError
from rolecall.project.roles import SsoSession
from support.fake_aws import FakeAws, json_refusal, json_reply

CORP = SsoSession("corp", "https://corp.awsapps.com/start", "eu-west-1")
COMPANY = {
    "111122223333": ("Shop", ("ReadOnly", "Admin")),
    "444455556666": ("Shop", ("Admin",)),
    "123456789012": ("Desk", ("Admin", "Billing")),
}


def reached(aws: FakeAws, said: list[str] | None = None, **filters: str) -> list[tuple[str, str, str]]:
    """Return account name, account id and permission set of all that the login reaches."""
    session = sdk.bare({"AWS_ENDPOINT_URL_SSO": aws.url})
    say = [] if said is None else said
    found = inventory.reached(CORP, session, Token("access-0", 0), filters=Filters(**filters), say=say.append)
    return [(one.account.name, one.account.id, one.role_name) for one in found]


@pytest.mark.parametrize("most", [100, 1])
def test_reached_when_on_one_page_or_many_then_all_by_name(aws: FakeAws, most: int) -> None:
    """Accounts by name and id, the permission sets of each by name; the login goes with each question."""
    said: list[str] = []
    aws.company, aws.most_in_page = COMPANY, most
    assert reached(aws, said) == [
        ("Desk", "123456789012", "Admin"),
        ("Desk", "123456789012", "Billing"),
        ("Shop", "111122223333", "Admin"),
        ("Shop", "111122223333", "ReadOnly"),
        ("Shop", "444455556666", "Admin"),
    ]
    assert said == ["asking for the permission sets of 3 of 3 accounts"]
    assert {one.headers["x-amz-sso_bearer_token"] for one in aws.seen} == {"access-0"}
    assert {one.asked["max_result"] for one in aws.seen} == {"100"}


def test_reached_when_filtered_then_others_are_not_asked_for(aws: FakeAws) -> None:
    """By an account's name or id, in upper and lower case, and by the permission set's name."""
    said: list[str] = []
    aws.company = COMPANY
    assert reached(aws, said, account="4*") == [("Shop", "444455556666", "Admin")]
    assert said == ["asking for the permission sets of 1 of 3 accounts"]
    assert [one["account_id"] for one in aws.asked("GET /assignment/roles")] == ["444455556666"]
    assert reached(aws, account="Des?", permission_set="B*") == [("Desk", "123456789012", "Billing")]
    assert reached(aws, account="desk") == []


def test_account_when_there_is_no_pattern_then_every_one_matches() -> None:
    """Its id or its name is enough."""
    one = Account("111122223333", "Shop")
    assert [one.matches(pattern) for pattern in ("", "Shop", "1111*", "shop")] == [True, True, True, False]


def test_reached_when_there_are_many_accounts_then_said_now_and_then(
    aws: FakeAws, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A company of hundreds takes half a minute."""
    monkeypatch.setattr(inventory, "SAID_EVERY", 2)
    said: list[str] = []
    aws.company = {f"{100000000000 + number}": (f"T{number}", ()) for number in range(5)}
    assert reached(aws, said) == []
    assert said[1:] == ["2 of 5 accounts", "4 of 5 accounts"]


def test_reached_when_an_account_has_no_name_then_its_id_is_it(aws: FakeAws) -> None:
    """Rather than a blank."""
    aws.queue("GET /assignment/accounts", json_reply({"accountList": [{"accountId": "111122223333"}]}))
    aws.company = {"111122223333": ("", ("Admin",))}
    assert reached(aws) == [("111122223333", "111122223333", "Admin")]


def test_reached_when_the_portal_throttles_or_refuses_then_tried_again_or_said(aws: FakeAws) -> None:
    """Throttled is a matter of a moment; a login that has ended is named, with its session."""
    aws.company = {"111122223333": ("Shop", ("Admin",))}
    aws.queue("GET /assignment/accounts", json_refusal("TooManyRequestsException", status=429))
    assert reached(aws) == [("Shop", "111122223333", "Admin")]
    aws.queue("GET /assignment/accounts", json_refusal("UnauthorizedException", status=401))
    with pytest.raises(LoginNeededError) as caught:
        reached(aws)
    assert (caught.value.code, caught.value.hint) == ("sso-login-needed", "invoke login --session corp")
    aws.queue("GET /assignment/accounts", json_refusal("SomethingNew", "not you"))
    with pytest.raises(CredentialError, match="not you"):
        reached(aws)
