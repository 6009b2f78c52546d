"""Unit tests reach nothing: a socket that is not a pair inside this process fails its test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import settings
from pytest_socket import disable_socket, enable_socket

# How long an example takes says something of the machine, not of the code.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")


@pytest.fixture(autouse=True)
def no_sockets(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    disable_socket(allow_unix_socket=True)
    # Without credentials in the environment the AWS SDK asks the machine's metadata service when a client is made.
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    yield
    enable_socket()
