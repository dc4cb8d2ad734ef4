"""Which regions AWS has, and what is said of a name that is none."""

import subprocess
import sys

import pytest

from rolecall.credentials.aws import regions


@pytest.mark.parametrize(
    ("name", "partition", "says"),
    [
        ("eu-west-3", "aws", ""),
        ("cn-north-1", "aws-cn", ""),
        ("us-gov-west-1", "aws-us-gov", ""),
        ("eu-wset-3", "aws", "is not a region of AWS; did you mean eu-west-3?"),
        ("zz-quite-1", "aws-cn", "is not a region of AWS; such as cn-north-1"),
        ("eu-west-3", "aws-cn", "is in the partition aws, and the role is in aws-cn; such as cn-north-1"),
        ("xx-new-1", "aws-new", ""),
    ],
)
def test_problem_when_a_region_is_named_then_its_partition_decides(
    name: str, partition: str, says: str
) -> None:
    """A partition that botocore does not know has regions that nobody here knows."""
    assert regions.problem(name, partition) == says


def test_regions_when_read_then_botocore_is_not_imported() -> None:
    """Its import takes longer than everything else that `assume --region` does."""
    code = "import sys; from rolecall.credentials.aws import regions; regions.by_partition()['aws'][20]"
    code += "; print('botocore' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False"]
