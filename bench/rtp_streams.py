"""RTP streams and nothing behind them: what each hears is played to it. Prints {"port": …} when they listen.

Writes a line with its port for each; at a character on its standard input it prints what was heard and lost, and ends.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import json
import sys
from functools import partial
from pathlib import Path

import uvloop

from media_worker.sip.rtp.ports import RtpPorts
from media_worker.sip.rtp.stream import RtpStream
from media_worker.sip.rtp.ticker import Ticker
from media_worker.sip.sdp import Agreed, Codec

HOST, FIRST = "127.0.0.1", 24_000
# Nobody is there; the telephones' real addresses are learnt from what they send.
_AGREED = Agreed(HOST, 9_999, 9_998, Codec.PCMU, 0, 101, 20, sends=True, hears=True, rtcp_mux=False)


async def serve(streams: int, listed: Path) -> None:
    loop = asyncio.get_running_loop()
    ports, ticker = RtpPorts(HOST, FIRST, FIRST + 4 * streams), Ticker(loop.time)
    made: list[RtpStream] = []
    heard = [0]
    for _ in range(streams):

        def hear(pcm: bytes, number: int = len(made)) -> None:
            heard[0] += 1
            made[number].play(pcm)

        made.append(await RtpStream.open(ports, ticker, hear, lambda _key: None))
        made[-1].aim(_AGREED)
    listed.write_text("".join(f"{stream.port}\n" for stream in made))
    gc.collect()
    gc.freeze()
    print(json.dumps({"port": made[0].port}), flush=True)
    await loop.run_in_executor(None, partial(sys.stdin.read, 1))
    stats = [stream.stats for stream in made]
    sums = {
        name: sum(getattr(each, name) for each in stats) for name in ("received", "lost", "late", "sent", "concealed")
    }
    print(json.dumps(sums | {"heard": heard[0]}), flush=True)


def main() -> None:
    arguments = argparse.ArgumentParser()
    arguments.add_argument("streams", type=int)
    arguments.add_argument("listed", type=Path, help="the file that gets a line per stream, for the load generator")
    given = arguments.parse_args()
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(serve(given.streams, given.listed))


if __name__ == "__main__":
    main()
