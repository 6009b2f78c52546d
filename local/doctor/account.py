"""The AWS account of the environment, as far as the doctor looks at it. Everything is read, nothing is changed."""

from __future__ import annotations

from typing import Any, Protocol

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, NoRegionError

_PATIENCE = Config(connect_timeout=5, read_timeout=10, retries={"total_max_attempts": 2, "mode": "standard"})
_ABSENT = frozenset({"ParameterNotFound", "NoSuchResourceException"})


class Unreadable(Exception):
    """The account did not say; the message is for people, and names the permission where that is missing."""


class Account(Protocol):
    """Every method raises Unreadable."""

    def identity(self) -> str: ...

    def bootstrap_version(self, region: str | None = None) -> int | None:
        """None where the account and region, by default that of the environment, were never bootstrapped."""
        ...

    def quota(self, service: str, code: str) -> float: ...

    def functions_at_once(self) -> int: ...

    def addresses(self) -> int:
        """Elastic IPs that are taken."""
        ...

    def networks(self) -> int: ...

    def stacks(self, prefix: str) -> dict[str, str]:
        """Status by name, of those whose name begins so."""
        ...


class AwsAccount:
    def __init__(self) -> None:
        self._stacks: dict[str, str] | None = None

    def identity(self) -> str:
        return str(_asked("sts", "get_caller_identity")["Account"])

    def bootstrap_version(self, region: str | None = None) -> int | None:
        found = _asked("ssm", "get_parameter", _ABSENT, region, Name="/cdk-bootstrap/hnb659fds/version")
        return int(found["Parameter"]["Value"]) if found else None

    def quota(self, service: str, code: str) -> float:
        """An account that never asked for more has the default."""
        own = _asked("service-quotas", "get_service_quota", _ABSENT, ServiceCode=service, QuotaCode=code)
        found = own or _asked("service-quotas", "get_aws_default_service_quota", ServiceCode=service, QuotaCode=code)
        return float(found["Quota"]["Value"])

    def functions_at_once(self) -> int:
        return int(_asked("lambda", "get_account_settings")["AccountLimit"]["ConcurrentExecutions"])

    def addresses(self) -> int:
        return len(_asked("ec2", "describe_addresses")["Addresses"])

    def networks(self) -> int:
        return len(_asked("ec2", "describe_vpcs")["Vpcs"])

    def stacks(self, prefix: str) -> dict[str, str]:
        # Three questions want them, and an account may have pages of them.
        if self._stacks is None:
            self._stacks = _all_stacks()
        return {name: status for name, status in self._stacks.items() if name.startswith(f"{prefix}-")}


def _all_stacks() -> dict[str, str]:
    page = _asked("cloudformation", "describe_stacks")
    found = _statuses(page)
    while following := page.get("NextToken"):
        page = _asked("cloudformation", "describe_stacks", NextToken=following)
        found |= _statuses(page)
    return found


def _statuses(page: Any) -> dict[str, str]:
    return {each["StackName"]: each["StackStatus"] for each in page["Stacks"]}


def _asked(
    service: str, operation: str, absent: frozenset[str] = frozenset(), region: str | None = None, **question: str
) -> Any:
    """None where the answer is one of `absent`."""
    try:
        client = boto3.client(service, region_name=region, config=_PATIENCE)  # type: ignore[call-overload]
        return getattr(client, operation)(**question)
    except ClientError as error:
        code = error.response.get("Error", {}).get("Code", "")
        if code in absent:
            return None
        raise Unreadable(f"{service} answered {code} to {operation.replace('_', '-')}") from None
    except NoRegionError:
        raise Unreadable("no region is set: AWS_REGION, or `region` in the profile") from None
    except BotoCoreError as error:
        raise Unreadable(" ".join(str(error).split())) from None
