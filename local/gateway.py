"""The SIP gateway on this machine: softphones here call a session at it, on loopback and nowhere else."""

from __future__ import annotations

import contextlib
import socket
from asyncio.subprocess import Process
from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager, ExitStack
from pathlib import Path

from local import task

HOST = "127.0.0.1"
_USUAL_PORTS = (5060, 5070, 5080)
# Nobody waits here for the last word of a call, as ECS would.
_STOP_S = 1


def running(
    declared: Mapping[str, str], port: int, health_port: int, log: Path
) -> AbstractAsyncContextManager[Process]:
    """`declared` is the task's environment; what a network of its own and the balancer would give is set on top of it.

    Raises TaskFailed.
    """
    placed = {
        "SIP_HOST": HOST,
        "SIP_PUBLIC_HOST": HOST,
        "SIP_PORT": str(port),
        # No balancer ends TLS here.
        "SIP_TLS_PORT": "0",
        "HEALTH_PORT": str(health_port),
        "STOP_S": str(_STOP_S),
    }
    return task.running(task.Task("the SIP gateway", "media_worker.sip", health_port, log), {**declared, **placed})


def free_port() -> int:
    """For UDP and TCP: a usual one, so that templates and what softphones remember stay, or any other."""
    for port in _USUAL_PORTS:
        with contextlib.suppress(OSError):
            return _bound(port)
    while True:
        with contextlib.suppress(OSError):
            return _bound(0)


def host(port: int) -> str:
    """As it stands behind the @."""
    return HOST if port == _USUAL_PORTS[0] else f"{HOST}:{port}"


def _bound(port: int) -> int:
    """Both were free a moment ago. Raises OSError."""
    with ExitStack() as opened:
        for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
            probe = opened.enter_context(socket.socket(socket.AF_INET, kind))
            if kind == socket.SOCK_STREAM:
                # As the gateway will: connections of a run that has just ended do not hold the port.
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((HOST, port))
            port = int(probe.getsockname()[1])
    return port
