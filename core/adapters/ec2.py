"""Network interfaces as EC2 knows them: which public address belongs to one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

from core.adapters.aws_errors import translated


class InterfacesClient(Protocol):
    """What is called of EC2's client, whose own types are as large as all others together."""

    def describe_network_interfaces(self, *, Filters: list[dict[str, Any]]) -> dict[str, Any]: ...


@dataclass(frozen=True, slots=True)
class Ec2Interfaces:
    client: InterfacesClient

    def public_address(self, mac: str) -> str | None:
        """The IPv4 address under which the interface with this hardware address is reached from outside, if any.

        Raises Unavailable or DependencyRefused.
        """
        with translated("DescribeNetworkInterfaces"):
            # Hardware addresses are of one's own network: an account may have the same one again in another.
            answer = self.client.describe_network_interfaces(Filters=[{"Name": "mac-address", "Values": [mac]}])
        found = {interface.get("Association", {}).get("PublicIp") for interface in answer["NetworkInterfaces"]}
        found.discard(None)
        return str(found.pop()) if len(found) == 1 else None
