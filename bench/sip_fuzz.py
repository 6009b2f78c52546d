"""Packets that nobody should send, by the hundred thousand: nothing may raise, grow or leave a port behind.

    python -m bench.sip_fuzz --packets 100000 [--seed 1] [--json]

Each target is given what real telephones send, changed: bits turned, bytes put in, taken out and repeated, two messages
joined. Streams are opened and closed all the while, on ports of loopback. Another parser to be tried gets a line in
`TARGETS`: its name, what to begin with, and what takes the bytes.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import json
import random
import socket
import sys
import time
import tracemalloc
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from struct import pack

from bench.sip_conversations import conversations, sip_messages
from media_worker.sip.rtp import packet, rtcp
from media_worker.sip.rtp.ports import RtpPorts
from media_worker.sip.rtp.stream import RtpStream
from media_worker.sip.rtp.ticker import Ticker
from media_worker.sip.sdp import Agreed, Codec, LocalMedia, SdpError, accept, answer
from media_worker.sip.signalling.reading import read
from tests.fakes.sip_messages import SentFlow

_LOCAL = LocalMedia("203.0.113.7", 16384, session_id=7, version=1)
_PACKETS_PER_CALL = 500
_MOST_GROWN_KB = 500
_FIRST_PORT = 26_000

_OFFER = (
    b"v=0\r\no=pbx 5 5 IN IP4 192.0.2.1\r\ns=call\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\n"
    b"m=audio 11424 RTP/AVP 8 0 101\r\na=rtpmap:8 PCMA/8000\r\na=rtpmap:0 PCMU/8000\r\n"
    b"a=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-16\r\na=ptime:20\r\na=rtcp-mux\r\na=sendrecv\r\n"
    b"m=video 11426 RTP/AVP 31\r\nc=IN IP6 2001:db8::1\r\n"
)
# What trips up those who read such messages: `self` is the name of a parameter in the library underneath.
_WORDS = (
    b"\0",
    b"\xff" * 4,
    b"\r\n",
    b"=",
    b":" * 9,
    b"9" * 30,
    "é€".encode(),
    b";self=1",
    b";tag=",
    b"<sip:",
    b"\r\n ",
    b"%00",
)
_REPORT = rtcp.compound(5, "a@b", rtcp.SenderInfo(1 << 40, 9, 10, 1600), rtcp.Block(6, 1, 2, 3, 4, 5, 6), leaves=True)


@dataclass(frozen=True, slots=True)
class Target:
    """`take` may raise what it promises to raise only by catching it itself."""

    name: str
    begin_with: Sequence[bytes]
    take: Callable[[bytes], object]


@dataclass(frozen=True, slots=True)
class Outcome:
    target: str
    packets: int
    raised: int
    first: str
    seconds: float


def _described(body: bytes) -> None:
    for reads in (lambda: answer(body, _LOCAL), lambda: accept(_LOCAL, body)):
        with suppress(SdpError):
            reads()


TARGETS: tuple[Target, ...] = (
    Target("SIP", sip_messages(), lambda data: read(data, SentFlow())),
    Target("RTP header", [pack("!BBHII", 0x90, 0, 7, 160, 5) + bytes(170)], packet.parse),
    Target("RTCP", [_REPORT], rtcp.parse),
    Target("SDP", [_OFFER], _described),
)


def changed(message: bytes, other: bytes, dice: random.Random) -> bytes:
    """One to eight changes."""
    data = bytearray(message)
    for _ in range(dice.randint(1, 8)):
        at = dice.randrange(len(data) + 1)
        length = dice.choice((1, 1, 1, 2, 4, 16, 64))
        match dice.randrange(6):
            case 0 if at < len(data):
                data[at] ^= 1 << dice.randrange(8)
            case 1:
                data[at : at + length] = dice.randbytes(length)
            case 2:
                del data[at : at + length]
            case 3:
                data[at:at] = data[at : at + length] * dice.randint(1, 4)
            case 4:
                data[at:] = other[dice.randrange(len(other) + 1) :]
            case _:
                data[at:at] = dice.choice(_WORDS)
    return bytes(data)


def parsers(target: Target, packets: int, dice: random.Random) -> Outcome:
    raised, first, began = 0, "", time.perf_counter()
    for _ in range(packets):
        data = changed(dice.choice(target.begin_with), dice.choice(target.begin_with), dice)
        try:
            target.take(data)
        except Exception as error:
            raised += 1
            first = first or f"{error!r} at {data!r}"
    return Outcome(target.name, packets, raised, first, round(time.perf_counter() - began, 2))


async def calls(packets: int, dice: random.Random) -> Outcome:
    """Calls on real ports of loopback, each of which gets `_PACKETS_PER_CALL` on both ports, four to a tick."""
    now, raised, first, began = 0.0, 0, "", time.perf_counter()
    ports, ticker = RtpPorts("127.0.0.1", _FIRST_PORT, _FIRST_PORT + 200, lambda: now), Ticker(lambda: now)
    heard = [0]
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as phone:
        phone.bind(("127.0.0.1", 0))
        source: tuple[str, int] = phone.getsockname()
        agreed = Agreed(source[0], source[1], source[1], Codec.PCMU, 0, 101, 20, sends=True, hears=True, rtcp_mux=True)
        for done in range(0, packets, _PACKETS_PER_CALL):
            stream = await RtpStream.open(ports, ticker, lambda _pcm: _count(heard), lambda _key: _count(heard))
            stream.aim(agreed)
            for number in range(min(_PACKETS_PER_CALL, packets - done)):
                data = changed(_sound(number, dice), _REPORT, dice) if dice.random() < 0.7 else _sound(number, dice)
                try:
                    (stream._report_arrived if dice.random() < 0.1 else stream._arrived)(memoryview(data), source)
                    if number % 4 == 3:
                        now += 0.02
                        stream.tick(now, 1)
                except Exception as error:
                    raised += 1
                    first = first or f"{error!r} at {data!r}"
            stream.close()
            now += 6.0
            await asyncio.sleep(0)
    left = ports.in_use + len(ticker)
    if left or not heard[0]:
        raised += 1
        first = first or f"{left} ports are left, {heard[0]} pieces were heard"
    return Outcome("streams", packets, raised, first, round(time.perf_counter() - began, 2))


def _count(heard: list[int]) -> None:
    heard[0] += 1


def _sound(number: int, dice: random.Random) -> bytes:
    """The next packet of a telephone: mostly sound, now and then a key, comfort noise or a report."""
    head = pack("!BBHII", 0x80, 0, number, number * 160, 5)
    return dice.choice((head + bytes(160),) * 6 + (_key(number), head[:1] + b"\x0d" + head[2:] + b"\x40", _REPORT))


def _key(number: int) -> bytes:
    return pack("!BBHII", 0x80, 101, number, number // 10 * 1600, 5) + pack("!BBH", number % 20, 0x8A, 800)


def run(packets: int, seed: int) -> tuple[list[Outcome], dict[str, int]]:
    """Outcomes, and what is left: kilobytes that the second half of the calls added, and open files."""
    dice = random.Random(seed)
    outcomes = [parsers(target, packets, dice) for target in TARGETS]
    raised, first, seconds = conversations(packets, changed, dice)
    outcomes.append(Outcome("SIP calls", packets, raised, first, round(seconds, 2)))
    files = len(list(Path("/proc/self/fd").iterdir()))
    outcomes.append(asyncio.run(calls(packets // 2, dice)))
    gc.collect()
    tracemalloc.start()
    outcomes.append(asyncio.run(calls(packets - packets // 2, dice)))
    gc.collect()
    grown = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    left = len(list(Path("/proc/self/fd").iterdir())) - files
    return outcomes, {"grown_kb": grown // 1000, "files_left": left}


def main(arguments: Sequence[str]) -> int:
    """1 if anything raised, grew or stayed open."""
    given = argparse.ArgumentParser(prog="python -m bench.sip_fuzz")
    given.add_argument("--packets", type=int, default=100_000)
    given.add_argument("--seed", type=int, default=1)
    given.add_argument("--json", action="store_true")
    options = given.parse_args(arguments)
    outcomes, left = run(options.packets, options.seed)
    if options.json:
        print(json.dumps({"outcomes": [asdict(each) for each in outcomes], **left}, indent=2))
    else:
        for each in outcomes:
            print(f"{each.target:12s} {each.packets:8,d} packets  {each.raised} raised  {each.seconds} s  {each.first}")
        print(f"grown by {left['grown_kb']} kB, {left['files_left']} files left open")
    failed = any(each.raised for each in outcomes) or left["files_left"] or left["grown_kb"] > _MOST_GROWN_KB
    return int(bool(failed))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
