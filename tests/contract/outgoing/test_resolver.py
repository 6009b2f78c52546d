"""The system's resolver, as far as a machine without a network has one."""

from __future__ import annotations

import socket
import threading

import pytest

from core.adapters.outgoing.resolver import SystemResolver


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "10.1.2.3"])
def test_an_address_is_its_own_answer(host: str) -> None:
    assert SystemResolver().resolve(host, 5.0) == [host]


def test_a_name_has_every_address_once_ipv4_first(monkeypatch: pytest.MonkeyPatch) -> None:
    six = (socket.AF_INET6, socket.SOCK_STREAM, 6, "", ("2606:4700::1111", 0, 0, 0))
    four = (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("1.1.1.1", 0))
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: [six, four, four])

    assert SystemResolver().resolve("hooks.example.com", 5.0) == ["1.1.1.1", "2606:4700::1111"]


def test_a_name_that_is_not_there_has_none(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_: object, **__: object) -> list[object]:
        raise socket.gaierror(socket.EAI_NONAME, "unknown")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)

    assert SystemResolver().resolve("hooks.example.com", 5.0) == []


def test_a_resolver_that_hangs_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    forever = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: forever.wait() and [])

    with pytest.raises(TimeoutError):
        SystemResolver().resolve("hooks.example.com", 0.01)
    forever.set()
