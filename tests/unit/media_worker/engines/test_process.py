"""What an engine process does before its first work."""

from __future__ import annotations

import socket
from pathlib import Path

import numpy as np
from threadpoolctl import threadpool_info, threadpool_limits

from media_worker.engines.pool_messages import Configure
from media_worker.engines.process import EngineProcess


def blas_threads() -> set[int]:
    return {pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas"}


def test_its_products_run_on_one_thread_since_calls_come_of_more_processes() -> None:
    assert np.ones((2, 2)) is not None
    ours, theirs = socket.socketpair()
    with ours, theirs, threadpool_limits(2, "blas"):
        assert blas_threads() == {2}
        assert EngineProcess(theirs)._build(Configure("scripted", str(Path("unused")), {})) is not None
        assert blas_threads() == {1}
