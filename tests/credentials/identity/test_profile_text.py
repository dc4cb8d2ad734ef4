"""One profile's text in the AWS files: what belongs to it, and what gets its credentials from rolecall."""

from pathlib import Path

import pytest

from rolecall.credentials.identity import profile_text

OURS = '"py" -P -m rolecall credential-process {} "{}"'
CONFIG = """\
[profile top]
source_profile = ann
  sso_session = indented is its own key here
services = local
# a remark
; another

[profile "ann"]
sso_session = corp
[sso-session corp]
sso_region = eu-west-1
[services local]
sts =
  endpoint_url = http://h/
[profile other]
region = us-east-1
[default]
region = eu-west-3
"""


@pytest.fixture
def environ(home: Path) -> dict[str, str]:
    """Write both files, and return what an SDK sees of where they are."""
    (home / ".aws").mkdir()
    (home / ".aws/config").write_text(CONFIG)
    (home / ".aws/credentials").write_text("[ann]\naws_access_key_id = A\n[default]\naws_access_key_id = D\n")
    return {"HOME": str(home)}


def test_of_when_a_profile_names_others_then_their_lines_are_its_own(environ: dict[str, str]) -> None:
    """Of both files, once each, with the heads; no remark, and nothing of anybody else."""
    found = profile_text.of("top", environ)
    assert found[:4] == [
        "[profile top]",
        "source_profile = ann",
        "  sso_session = indented is its own key here",
        "services = local",
    ]
    assert found[4:] == [
        *("[profile ann]", "sso_session = corp", "aws_access_key_id = A"),
        "[sso-session indented is its own key here]",
        *("[services local]", "sts =", "  endpoint_url = http://h/"),
        *("[sso-session corp]", "sso_region = eu-west-1"),
    ]
    assert profile_text.of("default", environ) == [
        *("[profile default]", "region = eu-west-3", "aws_access_key_id = D"),
    ]
    assert profile_text.of("nobody", environ) == ["[profile nobody]"]


def test_of_when_sources_form_a_circle_then_ends(environ: dict[str, str], home: Path) -> None:
    """Each stands there once."""
    text = "[profile a]\nsource_profile = b\n[profile b]\nsource_profile = a\n"
    (home / ".aws/config").write_text(text)
    assert profile_text.of("a", environ).count("[profile a]") == 1
    assert not profile_text.is_ours("a", str(home), environ)


@pytest.mark.parametrize(
    ("command", "is_here", "is_ours"),
    [
        (OURS.format("dev", "{root}"), True, True),
        (OURS.format("dev", "{root}/../{name}"), True, True),
        (OURS.format("dev", "/elsewhere"), False, True),
        ("rolecall credential-process dev", True, True),
        ("rolecall credential-process", False, False),
        ("other credential-process dev", False, False),
        ("rolecall assume dev", False, False),
        ("rolecall 'x-credential-process' dev", False, False),
        ("rolecall credential-process 'unclosed", False, False),
        ("", False, False),
    ],
)
def test_profile_when_its_program_is_rolecall_then_for_which_project(
    environ: dict[str, str], home: Path, tmp_path: Path, command: str, *, is_here: bool, is_ours: bool
) -> None:
    """Also behind another profile; one of another project is as good a source as any program."""
    line = "credential_process = " + command.format(root=tmp_path, name=tmp_path.name)
    (home / ".aws/config").write_text(f"[profile x]\n{line}\n[profile behind]\nsource_profile = x\n")
    root = str(tmp_path)
    assert [profile_text.is_ours(name, root, environ) for name in ("x", "behind")] == [is_here, is_here]
    assert profile_text.our_role([line], root) == ("dev" if is_here else "")
    assert profile_text.is_served([line]) is is_ours
    keyed = [line, "aws_access_key_id = A"]
    assert (profile_text.our_role(keyed, root), profile_text.our_role([], root)) == ("", "")
    (home / ".aws/credentials").write_text("[x]\naws_access_key_id = A\n")
    assert not profile_text.is_ours("behind", root, environ)


def test_sections_when_of_several_texts_then_the_lines_of_each_profile() -> None:
    """A head without lines is a profile too; what is no profile is left out."""
    found = profile_text.sections("[profile a]\nx=1\n[empty]\n[sso-session s]\ny=2\n", "[a]\nz = 3 \n# no\n")
    assert found == {"a": ["", "x=1", "", "z = 3"], "empty": [""]}


@pytest.mark.parametrize(
    ("environ", "config", "credentials"),
    [
        ({"HOME": "/h"}, "/h/.aws/config", "/h/.aws/credentials"),
        ({"HOME": "/h", "AWS_CONFIG_FILE": "~/c"}, "/h/c", "/h/.aws/credentials"),
        ({"HOME": "/h", "AWS_SHARED_CREDENTIALS_FILE": "/x~/c"}, "/h/.aws/config", "/x~/c"),
        ({}, "/.aws/config", "/.aws/credentials"),
    ],
)
def test_path_when_the_environment_moves_a_file_then_it_is_there(
    environ: dict[str, str], config: str, credentials: str
) -> None:
    """A tilde is the person's home."""
    assert [profile_text.path(environ, name) for name in profile_text.FILES] == [config, credentials]
