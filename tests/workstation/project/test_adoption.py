"""What a repository gets that rolecall is new in: from flags, AWS profiles, or a person's answers."""

import os
import tomllib
from pathlib import Path

import pytest

from rolecall.errors import UsageError
from rolecall.project.roles_toml import reader
from rolecall.workstation.project import adoption, proposal
from rolecall.workstation.project.adoption import Adoption
from rolecall.workstation.setup.options import SetupOptions
from support.foreign import DEV_PROFILES
from support.script import Script

ARN = "arn:aws:iam::111122223333:role/team/shop-dev"
CONFIG = f"""\
{DEV_PROFILES}\
[profile shop-prod]
role_arn = arn:aws:iam::444455556666:role/prod
source_profile = shop-dev
mfa_serial = arn:aws:iam::111122223333:mfa/ann
[profile other]
sso_session = corp
sso_account_id = 123456789012
sso_role_name = Admin
[sso-session corp]
sso_start_url = https://corp.awsapps.com/start
sso_region = eu-central-1
[sso-session unused]
sso_start_url = https://unused.awsapps.com/start
sso_region = eu-central-1
"""


@pytest.fixture
def shop(tmp_path: Path, home: Path) -> Path:
    """Make a folder called shop, and a person with AWS profiles."""
    (home / ".aws").mkdir()
    (home / ".aws/config").write_text(CONFIG)
    (tmp_path / "shop").mkdir()
    return tmp_path / "shop"


def propose(root: Path, *answers: str, environ: dict[str, str] | None = None, **flags: object) -> Adoption:
    """Propose with a person who gives these answers; with nobody where there are none."""
    person = Script(*answers).person() if answers else None
    options = SetupOptions(**flags)  # type: ignore[arg-type] # said by the tests
    return adoption.propose(root, options, environ={**os.environ, **(environ or {})}, person=person)


def test_propose_when_a_person_picks_profiles_then_their_roles_and_no_more(shop: Path) -> None:
    """By number, the default first; chains and regions come along, personal things do not."""
    made = propose(shop, "2", "")
    declared = reader.parse("roles.toml", made.roles)
    assert list(declared.roles) == ["shop-dev", "shop-prod"]
    assert (declared.default_role, declared.region) == ("shop-prod", "us-east-1")
    assert declared.roles["shop-prod"].source == "shop-dev"
    assert made.profile == "base"
    assert "ann" not in made.roles
    assert "corp" not in made.roles


def test_propose_when_profiles_have_the_projects_name_then_they_are_the_default(shop: Path) -> None:
    """Enter is enough where the names say it; the region stands once."""
    made = propose(shop, "")
    assert list(reader.parse("", made.roles).roles) == ["shop-dev", "shop-prod"]
    assert made.roles.count("region") == 1


def test_propose_when_a_portal_gives_the_role_then_it_is_declared_with_it(shop: Path) -> None:
    """A colleague may not have it in their AWS config; nobody assumes such a role."""
    made = propose(shop, role_from=("other",), region="eu-west-1")
    declared = reader.parse("", made.roles)
    assert list(declared.sso) == ["corp"]
    assert declared.sso["corp"].region == "eu-central-1"
    assert made.profile == ""


def test_propose_when_a_person_types_an_arn_then_that_role(shop: Path, home: Path) -> None:
    """Also where no profile names a role; the region is asked for once, for the team."""
    for answers in ((ARN, "eu-west-1"), (f" {ARN}", "")):
        declared = reader.parse("", propose(shop, *answers).roles)
        assert declared.roles["shop-dev"].role_arn == ARN
        assert declared.region == (answers[1] or "us-east-1")
    (home / ".aws/config").unlink()
    assert reader.parse("", propose(shop, "nonsense", ARN, "").roles).default_role == "shop-dev"


def test_propose_when_nobody_answers_then_the_flags_decide(shop: Path) -> None:
    """`--role-arn`, `--role-from`, a `--profile` that is a role's; several candidates are no answer."""
    assert ARN in propose(shop, role_arn=ARN).roles
    assert "shop-prod" in propose(shop, role_from=("shop-prod",)).roles
    assert "shop-dev" in propose(shop, profile="shop-dev").roles
    assert ARN in propose(shop, environ={"ROLE_ARN": ARN}).roles
    unknown = propose(shop)
    assert unknown.roles == ""
    assert unknown.unknown == "give --role-arn ARN, or --role-from one of shop-dev, shop-prod, other"


def test_propose_when_one_profile_names_a_role_then_it_needs_no_answer(shop: Path, home: Path) -> None:
    """With `--yes` the only candidate is taken."""
    (home / ".aws/config").write_text(f"[profile a]\nrole_arn = {ARN}\nsource_profile = b\n")
    made = propose(shop)
    assert "[roles.a]" in made.roles
    assert made.profile == "b"


def test_propose_when_the_aws_config_is_broken_then_goes_on_without_it(shop: Path, home: Path) -> None:
    """A person can still type the ARN."""
    (home / ".aws/config").write_text("[profile\n")
    assert ARN in propose(shop, ARN, "").roles


def test_propose_when_a_flag_names_no_role_then_lists_those_that_do(shop: Path) -> None:
    """A typo is no reason for an empty file."""
    with pytest.raises(UsageError, match="those that do: shop-dev, shop-prod, other"):
        propose(shop, role_from=("base",))


def test_names_role_when_the_profile_is_the_roles_then_its_source_assumes_it() -> None:
    """A role must not be its own source; what went into roles.toml does not go into `.env` too."""
    options = SetupOptions(profile="shop-dev", role_arn=ARN, region="eu-west-1", access_key_id="")
    made = Adoption(roles="[roles.shop-dev]\n", profile="base")
    assert adoption.names_role(made, options) == {"AWS_PROFILE": "base"}
    assert adoption.names_role(Adoption(roles="[roles.shop-dev]\n"), options) == {}
    assert adoption.names_role(Adoption(roles="[roles.x]\n"), options) == {"AWS_PROFILE": "shop-dev"}


@pytest.mark.parametrize(
    ("ignore_in", "has_file", "is_team"),
    [("", True, True), ("", False, False), ("exclude", True, False), ("gitignore", False, True)],
)
def test_propose_when_gitignore_is_there_then_it_names_the_personal_files(
    shop: Path, ignore_in: str, *, has_file: bool, is_team: bool
) -> None:
    """A team that has one is asked to add to it; no other file is invented."""
    if has_file:
        (shop / ".gitignore").write_text("")
    assert propose(shop, role_arn=ARN, ignore_in=ignore_in).gitignore is is_team


def test_alias_of_when_the_arn_is_strange_then_is_still_one() -> None:
    """Whatever IAM allows as a role's name becomes TOML that can be read again."""
    for name in ("dev", "=x", "a@b,c", "-", "A" * 64):
        text = proposal.of_arn(f"arn:aws:iam::111122223333:role/{name}", region="eu-west-1")
        assert tomllib.loads(text)["project"]["default_role"] in reader.parse("", text).roles
