"""Real AWS CLIs, versions 1 and 2: no value of an argument, no body and no secret reaches the debug log.

Each command has secrets planted in its arguments, in the answer, or on the machine; the log keeps what tells
why it fails.
"""
# ruff: noqa: E501 - an answer of AWS stands in one piece

import os
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from rolecall.services.debug_log import run
from support.clients import aws_clis
from support.scripted_server import Scripted, saying

pytestmark = pytest.mark.xdist_group("aws-cli")  # which versions are here is asked once

KEY_ID, SECRET, TOKEN = (
    "ASIAFAKEFAKEFAKE0001",
    "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
    "own/session+token==",
)
PEM = "-----BEGIN RSA PRIVATE KEY-----\\nMIIPLANTEDKEY09\\nMIIPLANTEDKEY10\\n-----END RSA PRIVATE KEY-----"


@dataclass(frozen=True, slots=True)
class Case:
    """A command, the answer to it, what must not be in its log, and what must."""

    words: str
    planted: tuple[str, ...]
    body: str = "{}"
    status: int = 200
    kind: str = "application/x-amz-json-1.1"
    headers: str = ""
    useful: tuple[str, ...] = ()
    more: tuple[str, ...] = field(default=())  # words that a split at blanks would break


def xml(operation: str, inner: str) -> str:
    """Return an answer of the query protocol."""
    return f"<{operation}Response><{operation}Result>{inner}</{operation}Result></{operation}Response>"


def fault(code: str, message: str) -> str:
    """Return a refusal of the JSON protocol."""
    return f'{{"__type": "com.amazon#{code}", "message": "{message}"}}'


CASES = {
    "secret string": Case("secretsmanager create-secret --name db-planted1 --secret-string planted2hunter",
        ("planted1", "planted2hunter", "planted3"), fault("InvalidRequestException", "not planted3"), 400,
        useful=("secretsmanager create-secret", "HTTP 400", "InvalidRequestException", "CreateSecret")),
    "secret value": Case("secretsmanager get-secret-value --secret-id app/planted4",
        ("planted4", "planted5", "cGxhbnRlZDY="), '{"SecretString": "planted5", "SecretBinary": "cGxhbnRlZDY="}',
        useful=("HTTP 200",)),
    "parameter": Case("ssm put-parameter --name /db/planted7 --value planted8 --type SecureString",
        ("planted7", "planted8"), fault("ParameterAlreadyExists", "/db/planted7"), 400,
        useful=("ParameterAlreadyExists",)),
    "parameter value": Case("ssm get-parameter --name /db/planted9 --with-decryption",
        ("planted9", "planted10"), '{"Parameter": {"Name": "x", "Value": "planted10"}}'),
    "access key of another": Case("iam create-access-key --user-name planted11", ("planted11", "planted12/secret"),
        xml("CreateAccessKey", "<AccessKey><UserName>x</UserName><AccessKeyId>AKIAPLANTEDPLANTED13</AccessKeyId>"
            "<Status>Active</Status><SecretAccessKey>planted12/secret</SecretAccessKey></AccessKey>"), kind="text/xml"),
    "role session": Case("sts assume-role --role-arn arn:aws:iam::111122223333:role/planted14 --role-session-name a"
        " --external-id planted15", ("planted14", "planted15", "planted16/secret", "planted17/token"),
        xml("AssumeRole", "<Credentials><AccessKeyId>ASIAPLANTEDPLANTED18</AccessKeyId><SecretAccessKey>"
            "planted16/secret</SecretAccessKey><SessionToken>planted17/token</SessionToken><Expiration>"
            "2030-01-01T00:00:00Z</Expiration></Credentials>"), kind="text/xml"),
    "MFA codes": Case("iam enable-mfa-device --user-name ann --serial-number arn:aws:iam::111122223333:mfa/ann"
        " --authentication-code1 987601 --authentication-code2 987602", ("987601", "987602"),
        "<ErrorResponse><Error><Type>Sender</Type><Code>InvalidAuthenticationCode</Code><Message>987601 is wrong"
        "</Message></Error><RequestId>12345678-aaaa-bbbb-cccc-123456789012</RequestId></ErrorResponse>", 403,
        kind="text/xml", useful=("InvalidAuthenticationCode", "request id 12345678-aaaa")),
    "MFA seed": Case("iam create-virtual-mfa-device --virtual-mfa-device-name planted19 --outfile OUT"
        " --bootstrap-method Base32StringSeed", ("planted19", "cGxhbnRlZHNlZWQyMA=="),
        xml("CreateVirtualMFADevice", "<VirtualMFADevice><SerialNumber>arn:aws:iam::111122223333:mfa/x</SerialNumber>"
            "<Base32StringSeed>cGxhbnRlZHNlZWQyMA==</Base32StringSeed></VirtualMFADevice>"), kind="text/xml"),
    "private key": Case("ec2 create-key-pair --key-name planted21", ("planted21", "MIIPLANTEDKEY09", "MIIPLANTEDKEY10"),
        "<CreateKeyPairResponse><keyName>x</keyName><keyMaterial>" + PEM.replace("\\n", "\n")
        + "</keyMaterial></CreateKeyPairResponse>", kind="text/xml"),
    "plaintext": Case("kms decrypt --ciphertext-blob cGxhbnRlZDIy", ("cGxhbnRlZDIy", "cGxhbnRlZDIz"),
        '{"Plaintext": "cGxhbnRlZDIz", "KeyId": "x"}'),
    "database password": Case("rds modify-db-instance --db-instance-identifier db --master-user-password planted24",
        ("planted24", "planted25"), "<ErrorResponse><Error><Code>InvalidParameterValue</Code><Message>The parameter"
        " MasterUserPassword is not a valid password: planted25</Message></Error></ErrorResponse>", 400,
        kind="text/xml", useful=("InvalidParameterValue",)),
    "environment of a function": Case("lambda update-function-configuration --function-name planted26"
        " --environment Variables={DB=planted27}", ("planted26", "planted27", "planted28"),
        '{"Environment": {"Variables": {"DB": "planted28"}}}', kind="application/json"),
    "login": Case("cognito-idp initiate-auth --auth-flow USER_PASSWORD_AUTH --client-id x"
        " --auth-parameters USERNAME=ann,PASSWORD=planted29", ("planted29", "planted30.jwt"),
        '{"AuthenticationResult": {"AccessToken": "planted30.jwt", "RefreshToken": "planted30.jwt"}}'),
    "registry token": Case("ecr get-authorization-token", ("cGxhbnRlZDMx",),
        '{"authorizationData": [{"authorizationToken": "cGxhbnRlZDMx"}]}'),
    "customer's key and bucket": Case("s3api get-object --bucket planted32 --key planted33 --sse-customer-algorithm"
        " AES256 --sse-customer-key planted34planted34planted34plan OUT", ("planted32", "planted33", "planted34"),
        "<?xml version='1.0'?><Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>", 403,
        kind="application/xml", useful=("AccessDenied", "GetObject", "Access Denied")),
    "bucket in the host": Case("s3 ls s3://planted35/planted36/", ("planted35", "planted36"),
        "<?xml version='1.0'?><Error><Code>NoSuchBucket</Code><Message>planted35</Message></Error>", 404,
        kind="application/xml", useful=("NoSuchBucket", "s3 ls")),
    "login token": Case("sso get-role-credentials --role-name x --account-id 111122223333 --access-token planted37",
        ("planted37", "planted38"), '{"roleCredentials": {"accessKeyId": "x", "secretAccessKey": "planted38",'
        ' "sessionToken": "planted38", "expiration": 1}}', kind="application/json"),
    "item, and an error of AWS's": Case("dynamodb put-item --table-name planted39 --item file://ITEM",
        ("planted39", "planted40", "planted41"), fault("InternalServerError", "lost planted41"), 500,
        useful=("HTTP 500", "InternalServerError", "etry needed")),
    "denied": Case("s3api list-objects --bucket planted42", ("planted42", "planted43"),
        "<?xml version='1.0'?><Error><Code>AccessDenied</Code><Message>User: arn:aws:sts::111122223333:assumed-role/"
        "dev/ann is not authorized to perform: s3:ListBucket on resource: arn:aws:s3:::planted42 because no"
        " identity-based policy allows the s3:ListBucket action planted43</Message></Error>", 403,
        kind="application/xml", useful=("assumed-role/dev/ann", "s3:ListBucket", "because no identity-based policy")),
    "command on a machine": Case("ssm send-command --document-name AWS-RunShellScript --instance-ids i-0"
        " --parameters commands=planted44", ("planted44",), fault("InvalidInstanceId", ""), 400),
    "password of a login": Case("iam create-login-profile --user-name ann --password planted45",
        ("planted45", "planted46"), "<ErrorResponse><Error><Code>PasswordPolicyViolation</Code><Message>planted46"
        "</Message></Error></ErrorResponse>", 400, kind="text/xml", useful=("PasswordPolicyViolation",)),
    "another profile": Case("--profile other sts get-caller-identity", ("planted47/secret+of+another", "planted48"),
        "<ErrorResponse><Error><Code>InvalidClientTokenId</Code><Message>The security token included in the request"
        " is invalid.</Message></Error></ErrorResponse>", 403, kind="text/xml",
        useful=("InvalidClientTokenId", "The security token included in the request is invalid")),
    "headers of an answer": Case("sts get-caller-identity", ("planted49", "planted50"),
        xml("GetCallerIdentity", "<Account>1</Account>"), kind="text/xml",
        headers="Set-Cookie: planted49\r\nx-amz-meta-key: planted50\r\nx-amzn-RequestId: 87654321-aaaa\r\n",
        useful=("87654321-aaaa",)),
    "a portal's page": Case("sts get-caller-identity", ("planted51",), "<html>planted51</html>", kind="text/html"),
    "an option that is none": Case("sts get-caller-identity --nonsense planted52", ("planted52",),
        useful=("sts get-caller-identity",)),
    "JSON as an argument": Case("secretsmanager create-secret", ("planted53",), fault("X", "y"), 400,
        more=("--cli-input-json", '{"Name": "x", "SecretString": "planted53"}')),
    "a record in an answer": Case("secretsmanager get-secret-value --secret-id x", ("planted54",),
        '{"SecretString": "\\n2026-11-24 20:26:10,867 - MainThread - botocore.hooks - INFO - planted54"}'),
    "a password in the address": Case("sts get-caller-identity --endpoint-url http://ann:planted55@127.0.0.1:9",
        ("planted55",), useful=("Could not connect to the endpoint URL", "http://127.0.0.1:9")),
}  # fmt: skip


@pytest.fixture(params=["1", "2"], ids=["v1", "v2"], scope="module")
def client(request: pytest.FixtureRequest) -> str:
    """Return an AWS CLI; `invoke test` installs version 2, and pip has version 1 as awscli."""
    number = str(request.param)
    if number not in aws_clis():
        pytest.skip(f"the client AWS CLI v{number} is not on this machine")
    return aws_clis()[number]


@pytest.fixture
def serve() -> Iterator[Scripted]:
    """Start a server for one answer."""
    server = Scripted([], socket.create_server(("127.0.0.1", 0)))
    threading.Thread(target=server.run, daemon=True).start()
    yield server
    server.listening.close()


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_debug_when_a_secret_is_planted_then_it_is_not_in_the_log(
    client: str, case: Case, serve: Scripted, tmp_path: Path
) -> None:
    """And the log still says which command, what came back, and why."""
    head = f"HTTP/1.1 {case.status} X\r\nContent-Type: {case.kind}\r\n{case.headers}Connection: close\r\n"
    serve.scripts.append(saying(f"{head}Content-Length: {len(case.body)}\r\n\r\n{case.body}".encode()))
    (tmp_path / "item.json").write_text('{"pw": {"S": "planted40"}}')
    (tmp_path / ".aws").mkdir()
    (tmp_path / ".aws/credentials").write_text(
        "[other]\naws_access_key_id = AKIAPLANTEDPLANTED56\naws_secret_access_key = planted47/secret+of+another\n"
        "aws_session_token = planted48\n"
    )
    words = (
        case.words.replace("OUT", str(tmp_path / "out")).replace("ITEM", str(tmp_path / "item.json")).split()
    )
    environ = {
        "PATH": os.environ["PATH"], "HOME": str(tmp_path), "AWS_REGION": "eu-west-1", "AWS_MAX_ATTEMPTS": "2",
        "AWS_DEFAULT_REGION": "eu-west-1", "AWS_ENDPOINT_URL": serve.url, "NO_PROXY": "127.0.0.1", "AWS_PAGER": "",
        "AWS_ACCESS_KEY_ID": KEY_ID, "AWS_SECRET_ACCESS_KEY": SECRET, "AWS_SESSION_TOKEN": TOKEN,
        "AWS_CONFIG_FILE": str(tmp_path / "none"), "AWS_EC2_METADATA_DISABLED": "true",
    } | {name: os.environ[name] for name in ("PYENV_ROOT",) if name in os.environ}  # fmt: skip
    if "--endpoint-url" not in words:  # AWS CLI v2 before 2.13 knows no AWS_ENDPOINT_URL
        words = ["--endpoint-url", serve.url, *words]
    log = tmp_path / "log"
    run.run(run.argv([client, *words, *case.more]), log, environ=environ)
    text = log.read_text()
    secrets = (*case.planted, KEY_ID, SECRET, TOKEN, "AKIAPLANTEDPLANTED56")
    assert [one for one in secrets if one in text] == [], text
    assert "CLI version: aws-cli/" in text
    assert [one for one in case.useful if one not in text] == [], text


def test_debug_when_the_cases_are_counted_then_there_are_at_least_29() -> None:
    """As many as were tried by hand once, each planted secret a case."""
    assert sum(len(case.planted) for case in CASES.values()) >= 29
