"""The media worker on this machine."""

from __future__ import annotations

from asyncio.subprocess import Process
from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from pathlib import Path

from local import task


def running(declared: Mapping[str, str], port: int, log: Path, models: Path) -> AbstractAsyncContextManager[Process]:
    """`declared` is the task's environment. Only what the network namespace and the image of a container would give
    is set on top of it. Raises TaskFailed."""
    placed = {"HOST": "127.0.0.1", "PORT": str(port), "RELAY_PORT": "0", "MODELS_DIR": str(models)}
    return task.running(task.Task("the media worker", "media_worker", port, log), {**declared, **placed})
