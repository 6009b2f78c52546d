"""What EC2 says of network interfaces, and what is read of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from core.adapters.ec2 import Ec2Interfaces
from core.errors import DependencyRefused, Unavailable

_MAC = "0e:9e:32:c7:48:85"
_PRIVATE = {"MacAddress": _MAC, "PrivateIpAddress": "10.0.1.7"}


def asked(answer: Sequence[dict[str, Any]] | str) -> str | None:
    """`answer`: the interfaces that EC2 finds, or the code of its error."""
    client = boto3.client("ec2", region_name="eu-west-1", aws_access_key_id="x", aws_secret_access_key="x")
    with Stubber(client) as ec2:
        if isinstance(answer, str):
            ec2.add_client_error("describe_network_interfaces", answer)
        else:
            expected = {"Filters": [{"Name": "mac-address", "Values": [_MAC]}]}
            ec2.add_response("describe_network_interfaces", {"NetworkInterfaces": list(answer)}, expected)
        return Ec2Interfaces(client).public_address(_MAC)


def test_the_address_is_what_is_associated_and_not_the_private_one() -> None:
    assert asked([{**_PRIVATE, "Association": {"PublicIp": "203.0.113.9"}}]) == "203.0.113.9"


@pytest.mark.parametrize("found", [[], [_PRIVATE], [{**_PRIVATE, "Association": {}}]])
def test_an_interface_without_one_has_none(found: Sequence[dict[str, Any]]) -> None:
    assert asked(found) is None


def test_of_two_with_the_same_hardware_address_neither_is_taken() -> None:
    both = [{**_PRIVATE, "Association": {"PublicIp": f"203.0.113.{last}"}} for last in (9, 10)]
    assert asked(both) is None


@pytest.mark.parametrize(
    ("code", "error"), [("RequestLimitExceeded", Unavailable), ("UnauthorizedOperation", DependencyRefused)]
)
def test_a_refusal_says_whether_to_ask_again(code: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        asked(code)
