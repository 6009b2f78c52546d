"""How long a client may take."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest
from botocore.client import BaseClient

from core.adapters import clients


@pytest.fixture(autouse=True)
def region(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
    clients.session.cache_clear()


def setting(client: BaseClient, name: str) -> Any:
    return getattr(client.meta.config, name)


@pytest.mark.parametrize(
    "make",
    [clients.dynamodb, clients.sqs, clients.s3, clients.secrets_manager, clients.event_bridge],
)
def test_every_client_gives_up_in_bounded_time(make: Callable[[], BaseClient]) -> None:
    client = make()

    assert setting(client, "connect_timeout") <= 1.0
    assert setting(client, "read_timeout") <= clients.LONG_POLL_S + 5
    assert setting(client, "retries")["total_max_attempts"] == 3


def test_no_function_pays_for_what_boto3_puts_on_top() -> None:
    script = "import sys, lambdas.rest.app; from core.adapters import clients; clients.dynamodb(), clients.s3();"
    script += "sys.exit(' '.join({'boto3', 's3transfer'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.stderr.strip() == ""


def test_a_long_poll_ends_before_its_client_loses_patience() -> None:
    assert setting(clients.sqs(), "read_timeout") > clients.LONG_POLL_S


def test_the_sockets_client_goes_where_it_is_told() -> None:
    assert clients.sockets("http://127.0.0.1:4566/x").meta.endpoint_url == "http://127.0.0.1:4566/x"
