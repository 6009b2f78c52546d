from __future__ import annotations

from random import Random
from typing import Any, cast

import pytest

from core.domain.sip import Transport, Trunk
from media_worker.sip.dialing.roads import Names, NoRoad, Roads, Server
from media_worker.sip.signalling.flows import Flow
from tests.fakes.sip_messages import SentFlow

PUBLIC, OTHER = "52.1.2.3", "52.1.2.4"


class Sockets:
    def __init__(self) -> None:
        self.went: list[tuple[str, int, str | None]] = []
        self.dead: set[str] = set()

    def datagrams_to(self, host: str, port: int) -> Flow:
        self.went.append((host, port, None))
        return SentFlow("UDP", host, port)

    async def connect(self, host: str, port: int, secure_name: str | None = None) -> Flow:
        self.went.append((host, port, secure_name))
        if host in self.dead:
            raise ConnectionRefusedError
        return SentFlow("TLS" if secure_name else "TCP", host, port)


def _roads(
    servers: dict[str, list[Server]] | None = None, hosts: dict[str, list[str]] | None = None, local: bool = False
) -> tuple[Roads, Sockets]:
    async def offload(call: Any, *arguments: Any) -> Any:
        return call(*arguments)

    sockets = Sockets()
    names = Names(lambda name: (servers or {}).get(name, []), lambda host: (hosts or {}).get(host, []))
    return Roads(cast(Any, sockets), names, offload, Random(1), local), sockets


@pytest.mark.parametrize(
    ("uri", "transport", "went"),
    [
        (f"sip:{PUBLIC}", Transport.UDP, (PUBLIC, 5060, None)),
        (f"sip:{PUBLIC}:5080", Transport.TCP, (PUBLIC, 5080, None)),
        ("sip:Trunk.example.com:6000", Transport.UDP, (OTHER, 6000, None)),
        ("sip:trunk.example.com", Transport.UDP, (PUBLIC, 5070, None)),
        ("sips:trunk.example.com", Transport.UDP, (OTHER, 5061, "trunk.example.com")),
    ],
)
async def test_a_trunk_is_found_by_address_port_or_service(
    uri: str, transport: Transport, went: tuple[str, int, str | None]
) -> None:
    servers = {"_sip._udp.trunk.example.com": [Server(20, 1, "b", 1), Server(10, 1, "a", 5070)]}
    roads, sockets = _roads(servers, {"a": [PUBLIC], "b": [OTHER], "trunk.example.com": [OTHER]})
    await roads.to(Trunk(uri, transport))
    assert sockets.went == [went]


@pytest.mark.parametrize("address", ["127.0.0.1", "10.1.2.3", "169.254.169.254", "100.64.0.1", "[::1]"])
async def test_no_road_leads_inside(address: str) -> None:
    roads, sockets = _roads(hosts={"trunk.example.com": [address], "[::1]": ["127.0.0.1"]})
    for uri in (f"sip:{address}", "sip:trunk.example.com", "sip:trunk.example.com:5060"):
        with pytest.raises(NoRoad):
            await roads.to(Trunk(uri, Transport.TCP))
    assert sockets.went == []


async def test_locally_a_trunk_may_be_on_this_machine_and_nowhere_else_inside() -> None:
    roads, sockets = _roads(local=True)
    await roads.to(Trunk("sip:127.0.0.1:5099"))
    assert sockets.went == [("127.0.0.1", 5099, None)]
    with pytest.raises(NoRoad):
        await roads.to(Trunk("sip:10.1.2.3"))


async def test_an_invite_goes_to_no_port_of_another_protocol() -> None:
    roads, _ = _roads()
    with pytest.raises(NoRoad):
        await roads.to(Trunk(f"sip:{PUBLIC}:25", Transport.TCP))


async def test_a_server_that_takes_no_connection_is_followed_by_the_next_and_connections_are_kept() -> None:
    roads, sockets = _roads(hosts={"trunk.example.com": [PUBLIC, OTHER]})
    sockets.dead.add(PUBLIC)
    trunk = Trunk("sip:trunk.example.com", Transport.TCP)
    first = await roads.to(trunk)
    assert first.host == OTHER
    assert await roads.to(trunk) is first
    sockets.dead.add(OTHER)
    cast(SentFlow, first).is_open = False
    with pytest.raises(NoRoad, match="takes a connection"):
        await roads.to(trunk)
