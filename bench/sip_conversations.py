"""Whole calls by SIP out of changed messages: nothing may raise, and no call, port or transaction may be left.

Part of `python -m bench.sip_fuzz`. Time is virtual, so that every timer of RFC 3261 runs out.
"""

from __future__ import annotations

import asyncio
import logging
import random
import time
from collections.abc import Callable

from tests.fakes.sip_calls import HOLD, OFFER, WITH_SDP, FakeGateway, FakeLine, FakeStream
from tests.fakes.sip_messages import SentFlow, request
from tests.fakes.virtual_time import VirtualTimeLoop

Change = Callable[[bytes, bytes, random.Random], bytes]
_ALL_OVER_S = 100.0


class _Faults(logging.Handler):
    """What the switchboard caught, so that one message's fault is not the others'."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.seen: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        error = record.exc_info[1] if record.exc_info else None
        self.seen.append(f"{record.getMessage()}: {error!r}")


def life(gateway: FakeGateway, number: int) -> list[bytes]:
    """What a telephone says in one call: invited, held, resumed, asked about, refreshed, cancelled, hung up."""
    tag = gateway.our_tag() if any(data.startswith(b"SIP/2.0 200") for data in gateway.flow.sent) else "none"
    branch = f"z9hG4bK{number}x"
    told = [
        request(branch=branch, more=f"{WITH_SDP}\nX-Ticket: 7\nSession-Expires: 90\nSupported: timer", body=OFFER),
        request("ACK", branch=f"{branch}a", to_tag=tag),
        request("INVITE", branch=f"{branch}h", sequence=2, to_tag=tag, more=WITH_SDP, body=HOLD),
        request("UPDATE", branch=f"{branch}u", sequence=3, to_tag=tag, more="Session-Expires: 90"),
        request("INFO", branch=f"{branch}i", sequence=4, to_tag=tag, more="Content-Type: a/b", body="Signal=5"),
        request("OPTIONS", branch=f"{branch}o"),
        request("CANCEL", branch=branch),
        request("BYE", branch=f"{branch}b", sequence=9, to_tag=tag),
    ]
    return [message.replace(b"call-1@", b"call-%d@" % number) for message in told]


def sip_messages() -> list[bytes]:
    """One of each kind, for whatever reads them."""
    return [request(more=f"{WITH_SDP}\nAllow: UPDATE", body=OFFER), *(request(method) for method in ("BYE", "OPTIONS"))]


async def _calls(packets: int, change: Change, dice: random.Random) -> str:
    gateway, number, opened = FakeGateway(most_calls=50), 0, [FakeStream()]
    for done in range(packets):
        if done % 40 == 0:
            number += 1
            gateway.flow = SentFlow(dice.choice(("UDP", "TCP")), host=f"10.{number % 250}.{number // 250 % 250}.1")
            gateway.line, gateway.stream = FakeLine(), FakeStream()
            opened.append(gateway.stream)
        told = life(gateway, number)
        message = dice.choice((told[0], *told))
        gateway.send(change(message, dice.choice(told), dice) if dice.random() < 0.8 else message)
        if dice.random() < 0.2:
            await asyncio.sleep(dice.choice((0.001, 0.1, 3.0)))
    await asyncio.sleep(_ALL_OVER_S)
    await gateway.switchboard.drain(0)
    await asyncio.sleep(_ALL_OVER_S)
    left = {
        "calls": len(gateway.switchboard),
        "server transactions": len(gateway.exchange.servers),
        "client transactions": len(gateway.exchange.clients),
    }
    if not gateway.service.connected:
        return "no call was taken: nothing was tried"
    return ", ".join(f"{count} {name} are left" for name, count in left.items() if count)


def conversations(packets: int, change: Change, dice: random.Random) -> tuple[int, str, float]:
    """How many faults there were, the first of them, and how many seconds it took."""
    began, faults = time.perf_counter(), _Faults()
    root = logging.getLogger()
    root.addHandler(faults)
    try:
        with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
            if left := runner.run(_calls(packets, change, dice)):
                faults.seen.append(left)
    finally:
        root.removeHandler(faults)
    return len(faults.seen), faults.seen[0] if faults.seen else "", time.perf_counter() - began
