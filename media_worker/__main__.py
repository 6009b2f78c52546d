"""`python -m media_worker`: serve until SIGTERM or SIGINT."""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import signal
import sys

import uvloop
from pydantic import ValidationError

from media_worker import observe, wiring
from media_worker.engines.registry import EnginesNotAvailable
from media_worker.language_models.registry import ModelNotAvailable
from media_worker.model_store.problems import ModelsProblem
from media_worker.model_store.wiring import make_ready
from media_worker.settings import WorkerSettings

_log = logging.getLogger("media_worker")
# Writers are Python threads: the event loop must not wait 5 ms, the default, for one of them to let go.
_SWITCH_INTERVAL_S = 0.0005
# A frame leaves hardly any garbage in cycles; collections as rare as this stay below a millisecond a second.
_GC_THRESHOLDS = (50_000, 20, 100)


def main() -> int:
    try:
        settings = WorkerSettings.read(os.environ)
    except ValidationError as error:
        missing = ", ".join(str(problem["loc"][0]) for problem in error.errors(include_input=False))
        sys.stderr.write(f"the environment of the media worker is wrong: {missing}\n")
        return 2
    observe.log_to_stdout(settings.log_level)
    sys.setswitchinterval(_SWITCH_INTERVAL_S)
    try:
        make_ready(settings.models_dir, settings.models_source, os.environ)
    except ModelsProblem as problem:
        _log.critical("%s", problem)
        return 3
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(_serve(settings))


async def _serve(settings: WorkerSettings) -> int:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    try:
        worker = await wiring.worker(settings)
    except (EnginesNotAvailable, ModelNotAvailable) as error:
        _log.critical("%s", error)
        return 3
    await worker.serve(await wiring.doors(settings), stop, _ready)
    return 1 if worker.failed else 0


def _ready(port: int) -> None:
    # What is alive now lives as long as the process: the collector need not look at it again.
    gc.collect()
    gc.freeze()
    gc.set_threshold(*_GC_THRESHOLDS)
    _log.info("ready on port %d", port)


if __name__ == "__main__":
    sys.exit(main())
