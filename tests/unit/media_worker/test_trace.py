"""The trace id of a socket, and the lines of the log that have it."""

from __future__ import annotations

import asyncio
import json
import logging

import pytest

from media_worker.observe import JsonFormatter
from media_worker.trace import HEADER, trace_id, trace_of

ID = "1-67891233-abcdef012345678912345678"


def line() -> dict[str, str]:
    record = logging.LogRecord("x", logging.INFO, "", 0, "let in", None, None)
    shown: dict[str, str] = json.loads(JsonFormatter().format(record))
    return shown


ROOTS = (f"Root={ID}", f"Self=1-67891234-12456789abcdef012345678a;Root={ID}", f"Root={ID};Parent=53995c3f;Sampled=1")
NONSENSE = ("", "Root=", f"Root={ID}0", f"NotRoot={ID}", "Root=kst_live_secret", f"Root={ID}\n")


@pytest.mark.parametrize("header", ROOTS)
def test_the_root_is_the_id_whatever_stands_around_it(header: str) -> None:
    assert trace_of({HEADER: header}) == ID


@pytest.mark.parametrize("header", NONSENSE)
def test_what_is_no_id_is_none(header: str) -> None:
    assert trace_of({HEADER: header}) is None
    assert trace_of({}) is None


async def test_lines_of_a_socket_and_of_what_it_begins_have_its_id_and_no_others() -> None:
    async def conversation() -> dict[str, str]:
        await asyncio.sleep(0)
        return line()

    async def socket() -> tuple[dict[str, str], dict[str, str]]:
        trace_id.set(ID)
        return line(), await asyncio.create_task(conversation())

    mine, begun = await asyncio.create_task(socket())
    assert mine["xray_trace_id"] == begun["xray_trace_id"] == ID
    assert "xray_trace_id" not in line()
