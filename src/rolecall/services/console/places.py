"""Where the console of a partition is, and which page of it shows a service."""

import re
from dataclasses import dataclass

from rolecall.errors import UsageError

SERVICE = re.compile(r"[a-z][a-z0-9-]{0,62}")
PATHS = {
    "": "console/home?region={region}",
    "apigateway": "apigateway/main/apis?region={region}",
    "billing": "costmanagement/home",
    "cfn": "cloudformation/home?region={region}",
    "dynamodb": "dynamodbv2/home?region={region}",
    "ecr": "ecr/private-registry/repositories?region={region}",
    "ecs": "ecs/v2/clusters?region={region}",
    "elb": "ec2/home?region={region}#LoadBalancers:",
    "iam": "iam/home",
    "logs": "cloudwatch/home?region={region}#logsV2:log-groups",
    "route53": "route53/v2/home",
    "secrets": "secretsmanager/listsecrets?region={region}",
    "sfn": "states/home?region={region}#/statemachines",
    "sns": "sns/v3/home?region={region}",
    "sqs": "sqs/v3/home?region={region}",
    "ssm": "systems-manager/home?region={region}",
    "vpc": "vpcconsole/home?region={region}",
}
ANY = "{service}/home?region={region}"


@dataclass(frozen=True, slots=True)
class Console:
    """A partition's console: the address that gives sign-in tokens, the console's host, its first region."""

    sign_in: str
    host: str
    region: str


CONSOLES = {
    "aws": Console("https://signin.aws.amazon.com/federation", "console.aws.amazon.com", "us-east-1"),
    "aws-cn": Console("https://signin.amazonaws.cn/federation", "console.amazonaws.cn", "cn-north-1"),
    "aws-us-gov": Console(
        "https://signin.amazonaws-us-gov.com/federation", "console.amazonaws-us-gov.com", "us-gov-west-1"
    ),
}


def console_of(role_arn: str) -> Console:
    """Return the console for the partition of `role_arn`. Raises UsageError where none is known."""
    partition = role_arn.split(":")[1]
    if partition not in CONSOLES:
        raise UsageError(
            "console-partition",
            f"no console is known for the partition {partition} of {role_arn}; known: {', '.join(CONSOLES)}",
        )
    return CONSOLES[partition]


def page(console: Console, service: str, region: str) -> str:
    """Return the address of the page for `service` (an AWS service's short name; empty: the first page).

    Raises UsageError for what is no such name.
    """
    if service and not SERVICE.fullmatch(service):
        raise UsageError(
            "console-service",
            f"--service {service!r} is not the name of an AWS service, such as s3, ec2 or logs",
            hint="invoke console --service s3",
        )
    path = PATHS.get(service, ANY).format(service=service, region=region)
    return f"https://{console.host}/{path}"
