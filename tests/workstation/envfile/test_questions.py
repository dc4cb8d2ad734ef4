"""What setup asks for a real account: everything once, checked at once, each with a flag."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from rolecall.errors import UsageError
from rolecall.system.person.person import Person
from rolecall.workstation.envfile import check, questions
from support.script import Script

ARN = "arn:aws:iam::123456789012:role/dev"
KEY = "AKIAEXAMPLE000000001"
NOBODY = Person(can_ask=lambda: False)


def test_answer_when_the_profile_does_not_exist_then_asks_again(tmp_path: Path) -> None:
    """A typo of a profile's name would be found only when the role is taken."""
    (tmp_path / ".aws").mkdir()
    (tmp_path / ".aws/config").write_text("[profile work]\nregion = eu-west-1\n")
    script = Script("wrok", "work", ARN, "eu-west-1")
    assert answer(tmp_path, {}, script.person())["AWS_PROFILE"] == "work"
    assert len([question for question in script.asked if "profile" in question]) == 2


def answer(root: Path, given: Mapping[str, str], person: Person, **environ: str) -> dict[str, str]:
    return questions.answer(root, given, environ={"HOME": str(root), **environ}, person=person)


def unset(found: dict[str, str]) -> dict[str, str]:
    """Leave out what is to be unset."""
    return {name: value for name, value in found.items() if value}


# A person answers


def test_answer_when_nothing_is_known_then_asks_for_keys_role_and_region(tmp_path: Path) -> None:
    """A person with nothing prepared is asked five things."""
    script = Script("-", KEY, "s3cret", ARN, "eu-west-1")
    assert unset(answer(tmp_path, {}, script.person())) == {
        "AWS_ACCESS_KEY_ID": KEY,
        "AWS_SECRET_ACCESS_KEY": "s3cret",
        "ROLE_ARN": ARN,
        "AWS_REGION": "eu-west-1",
    }
    assert len(script.asked) == 5


def test_answer_when_the_machine_has_profiles_then_offers_them(tmp_path: Path) -> None:
    """Profiles of the AWS files and the environment's region are the defaults."""
    (tmp_path / ".aws").mkdir()
    (tmp_path / ".aws/config").write_text("[default]\n[profile work]\nregion=x\n[sso-session y]\n")
    (tmp_path / ".aws/credentials").write_text("[old]\n")
    script = Script("", "", "")
    found = answer(
        tmp_path, {}, script.person(), AWS_PROFILE="work", ROLE_ARN=ARN, AWS_DEFAULT_REGION="eu-west-3"
    )
    assert unset(found) == {"AWS_PROFILE": "work", "ROLE_ARN": ARN, "AWS_REGION": "eu-west-3"}
    assert "default, work, old" in script.asked[0]


def test_answer_when_every_flag_is_given_then_asks_nothing(tmp_path: Path) -> None:
    """Everything it asks has a flag."""
    given = {"AWS_PROFILE": "work", "ROLE_ARN": ARN, "AWS_REGION": "eu-west-1"}
    assert unset(answer(tmp_path, given, Script().person())) == given


def test_answer_when_the_env_file_is_complete_then_asks_nothing(tmp_path: Path) -> None:
    """What `.env` says is not asked again, older names included."""
    (tmp_path / ".env").write_text(
        f"AWS_ACCESS_KEY_ID={KEY}\nAWS_SECRET_ACCESS_KEY=s\nROLE_ARN={ARN}\nREGION_NAME=eu-west-1\n"
    )
    assert answer(tmp_path, {}, Script().person()) == {}


def test_answer_when_roles_are_declared_then_asks_for_no_role(tmp_path: Path) -> None:
    """roles.toml is enough."""
    (tmp_path / "envrc.d").mkdir()
    (tmp_path / "envrc.d/roles.toml").write_text(
        f'[project]\nregion = "eu-west-1"\n[roles.dev]\nrole_arn = "{ARN}"\n'
    )
    assert unset(answer(tmp_path, {"AWS_PROFILE": "work"}, NOBODY)) == {"AWS_PROFILE": "work"}


def test_answer_when_the_environment_has_a_secret_then_takes_it_for_its_own_key(tmp_path: Path) -> None:
    """The secret of another key id is not tried."""
    given = {"AWS_ACCESS_KEY_ID": KEY, "ROLE_ARN": ARN, "AWS_REGION": "eu-west-1"}
    found = answer(tmp_path, given, NOBODY, AWS_ACCESS_KEY_ID=KEY, AWS_SECRET_ACCESS_KEY="s")
    assert found["AWS_SECRET_ACCESS_KEY"] == "s"
    with pytest.raises(UsageError, match="secret"):
        answer(tmp_path, given, NOBODY, AWS_ACCESS_KEY_ID="AKIAOTHER00000000001", AWS_SECRET_ACCESS_KEY="s")


# Nobody answers


@pytest.mark.parametrize(
    ("given", "flag"),
    [
        ({}, "--profile"),
        ({"AWS_ACCESS_KEY_ID": KEY}, "--secret-from-stdin"),
        ({"AWS_PROFILE": "work"}, "--role-arn"),
        ({"AWS_PROFILE": "work", "ROLE_ARN": ARN}, "--region"),
    ],
)
def test_answer_when_nobody_can_answer_then_names_the_flag(
    tmp_path: Path, given: dict[str, str], flag: str
) -> None:
    """No question in a non-interactive run: an error with the flag, exit code 2."""
    with pytest.raises(UsageError) as caught:
        answer(tmp_path, given, NOBODY)
    assert flag in caught.value.hint
    assert caught.value.exit_code == 2


# What the machine knows


def test_answer_when_a_role_is_loaded_then_ignores_its_keys(tmp_path: Path) -> None:
    """A shell that holds the role offers its identity's values of before, not the role's."""
    with pytest.raises(UsageError, match="who assumes"):
        answer(
            tmp_path,
            {},
            NOBODY,
            **loaded(AWS_ACCESS_KEY_ID="ASIAROLE000000000001", AWS_SECRET_ACCESS_KEY="s"),
        )


def loaded(**exported: str) -> dict[str, str]:
    """Return an environment in which direnv exported `exported`."""
    import base64
    import json
    import zlib

    diff = json.dumps({"p": {}, "n": exported}).encode()
    return {**exported, "DIRENV_DIFF": base64.urlsafe_b64encode(zlib.compress(diff)).decode()}


def test_answer_when_the_identity_is_new_then_unsets_the_old_one(tmp_path: Path) -> None:
    """Keys would win over a new profile, and an old token must never ride on new keys."""
    (tmp_path / ".env").write_text(
        f"AWS_ACCESS_KEY_ID={KEY}\nAWS_SECRET_ACCESS_KEY=s\nAWS_SESSION_TOKEN=t\nAWS_REGION=eu-west-1\n"
    )
    found = answer(tmp_path, {"AWS_PROFILE": "work", "ROLE_ARN": ARN}, NOBODY)
    assert (found["AWS_ACCESS_KEY_ID"], found["AWS_SECRET_ACCESS_KEY"], found["AWS_SESSION_TOKEN"]) == (
        "",
        "",
        "",
    )


def test_answer_when_asked_again_then_offers_the_values_of_env(tmp_path: Path) -> None:
    """`--ask` makes defaults of the present answers; no key id is on the screen."""
    (tmp_path / ".env").write_text(
        f"AWS_ACCESS_KEY_ID={KEY}\nAWS_SECRET_ACCESS_KEY=old\nROLE_ARN={ARN}\nAWS_REGION=eu-west-1\n"
    )
    script = Script("", "", "new", "", "")
    found = questions.answer(
        tmp_path, {}, is_again=True, environ={"HOME": str(tmp_path)}, person=script.person()
    )
    assert unset(found) == {
        "AWS_ACCESS_KEY_ID": KEY,
        "AWS_SECRET_ACCESS_KEY": "new",
        "ROLE_ARN": ARN,
        "AWS_REGION": "eu-west-1",
    }
    assert "Access key id […0001]" in script.asked
    assert not any(KEY in question for question in script.asked)


def test_answer_when_the_environment_has_temporary_keys_then_ignores_them(tmp_path: Path) -> None:
    """A key that is dead tomorrow does not belong into `.env`."""
    with pytest.raises(UsageError, match="who assumes"):
        answer(tmp_path, {}, NOBODY, AWS_ACCESS_KEY_ID="ASIATEMPORARY0000001", AWS_SECRET_ACCESS_KEY="s")
    with pytest.raises(UsageError, match="temporary"):
        check.value("AWS_ACCESS_KEY_ID", "ASIATEMPORARY0000001")


def test_answer_when_identity_center_gives_every_role_then_needs_no_identity(tmp_path: Path) -> None:
    """Without a role that keys would assume, nobody is asked for keys."""
    (tmp_path / "envrc.d").mkdir()
    (tmp_path / "envrc.d/roles.toml").write_text(
        '[project]\nregion = "eu-west-1"\n[roles.desk]\n'
        'sso = { session = "corp", account_id = "111122223333", role_name = "Admin" }\n'
        '[roles.end]\nrole_arn = "arn:aws:iam::444455556666:role/end"\nsource = "desk"\n'
    )
    assert unset(answer(tmp_path, {}, NOBODY)) == {}


def test_answer_when_it_cannot_be_right_then_is_asked_for_again(tmp_path: Path) -> None:
    """A mistyped answer costs a line, not the whole set-up; after three, it is the person's turn to think."""
    script = Script("-", "oops", KEY, "s p", "s3cret", "arn:aws:iam::1:role/x", ARN, "Frankfurt", "eu-west-1")
    found = unset(answer(tmp_path, {}, script.person()))
    assert (found["AWS_ACCESS_KEY_ID"], found["ROLE_ARN"], found["AWS_REGION"]) == (KEY, ARN, "eu-west-1")
    assert len(script.said) == 4
    assert "s p" not in "".join(script.said)
    with pytest.raises(UsageError, match="not a region"):
        answer(tmp_path, {}, Script("-", KEY, "s3cret", ARN, "a", "b", "c").person())
