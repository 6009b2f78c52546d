"""`python -m media_worker.sip`: answer telephones until SIGTERM or SIGINT."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import sys

import uvloop
from pydantic import ValidationError

from media_worker import observe
from media_worker.sip import wiring
from media_worker.sip.public_address import NoPublicAddress
from media_worker.sip.settings import GatewaySettings

_log = logging.getLogger("media_worker.sip")


def main() -> int:
    try:
        settings = GatewaySettings.read(os.environ)
    except ValidationError as error:
        wrong = ", ".join(str(problem["loc"][0]) if problem["loc"] else problem["msg"] for problem in error.errors())
        sys.stderr.write(f"the environment of the SIP gateway is wrong: {wrong}\n")
        return 2
    observe.log_to_stdout(settings.log_level)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(_serve(settings))


async def _serve(settings: GatewaySettings) -> int:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    try:
        gateway = await wiring.gateway(settings)
    except NoPublicAddress as error:
        _log.critical("%s", error)
        return 3
    try:
        well = await gateway.serve(settings, stop, lambda port: _log.info("ready on port %d", port))
    except OSError as error:
        _log.critical("a port is taken: %s", error.strerror or type(error).__name__)
        return 3
    return 0 if well else 1


if __name__ == "__main__":
    sys.exit(main())
