"""Unit tests reach nothing: a socket that is not a pair inside this process fails its test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from pytest_socket import disable_socket, enable_socket


@pytest.fixture(autouse=True)
def no_sockets(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    disable_socket(allow_unix_socket=True)
    # Without credentials in the environment the AWS SDK asks the machine's metadata service when a client is made.
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    yield
    enable_socket()
