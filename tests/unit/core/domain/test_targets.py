"""Which URLs and addresses a webhook may go to."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.targets import RefusedTarget, is_public, may_connect, target_url
from tests.hostile import HOSTILE_ADDRESSES, HOSTILE_URLS, PUBLIC_ADDRESSES


@pytest.mark.parametrize("url", HOSTILE_URLS)
def test_a_hostile_url_is_refused_and_not_quoted(url: str) -> None:
    with pytest.raises(RefusedTarget) as refused:
        target_url(url, local=False)

    assert not url or url not in refused.value.why


@pytest.mark.parametrize("address", HOSTILE_ADDRESSES)
def test_nothing_connects_to_a_hostile_address(address: str) -> None:
    assert not may_connect(address)


@pytest.mark.parametrize("address", PUBLIC_ADDRESSES)
def test_a_public_address_may_be_connected_to(address: str) -> None:
    assert may_connect(address)
    assert not may_connect(address, scheme="http")


@given(st.ip_addresses())
def test_what_we_call_public_the_standard_library_calls_global(address: IPv4Address | IPv6Address) -> None:
    assert not is_public(address) or address.is_global


@given(st.integers(0, 2**32 - 1), st.sampled_from(["::ffff:", "64:ff9b::", "::", "64:ff9b:1::"]))
def test_no_ipv4_address_is_reached_in_an_ipv6_coat(number: int, prefix: str) -> None:
    assert not is_public(ip_address(f"{prefix}{IPv4Address(number)}"))


@pytest.mark.parametrize(
    ("url", "host", "port", "target", "authority"),
    [
        ("https://hooks.example.com", "hooks.example.com", 443, "/", "hooks.example.com"),
        ("HTTPS://Hooks.Example.COM:443/A?b=C%20", "hooks.example.com", 443, "/A?b=C%20", "hooks.example.com"),
        ("https://hooks.example.com:8443?x=1", "hooks.example.com", 8443, "/?x=1", "hooks.example.com:8443"),
        ("https://xn--hks-snaa.example.com/a//b;c", "xn--hks-snaa.example.com", 443, "/a//b;c", None),
        ("https://1.1.1.1/hook", "1.1.1.1", 443, "/hook", "1.1.1.1"),
        ("https://[2606:4700::1111]:1024/", "2606:4700::1111", 1024, "/", "[2606:4700::1111]:1024"),
    ],
)
def test_a_url_is_taken_apart_once(url: str, host: str, port: int, target: str, authority: str | None) -> None:
    parts = target_url(url, local=False)

    assert (parts.scheme, parts.host, parts.port, parts.target) == ("https", host, port, target)
    assert parts.authority == (authority or host)


@pytest.mark.parametrize("url", ["http://127.0.0.1:8000/x", "http://localhost:1/", "https://[::1]:9/", "http://[::1]"])
def test_loopback_is_taken_where_it_is_allowed_and_nowhere_else(url: str) -> None:
    assert target_url(url, local=True).text == url
    with pytest.raises(RefusedTarget):
        target_url(url, local=False)


@pytest.mark.parametrize(
    "url",
    [
        "http://hooks.example.com/",
        "https://10.0.0.1/",
        "http://127.1/",
        "http://u@127.0.0.1/",
        "http://[::ffff:10.1.1.1]/",
    ],
)
def test_local_means_loopback_and_nothing_more(url: str) -> None:
    with pytest.raises(RefusedTarget):
        target_url(url, local=True)


@pytest.mark.parametrize("address", ["127.0.0.1", "::1"])
def test_only_loopback_is_reached_without_tls(address: str) -> None:
    assert may_connect(address, scheme="http", local=True)
    assert not may_connect(address, scheme="http", local=False)
    assert not may_connect("10.0.0.1", scheme="http", local=True)
    assert not may_connect("8.8.8.8", scheme="http", local=True)


@given(st.text(max_size=60))
def test_any_text_is_a_url_or_refused(text: str) -> None:
    for candidate in (text, f"https://{text}", f"https://hooks.example.com/{text}"):
        try:
            parts = target_url(candidate, local=False)
        except RefusedTarget:
            continue
        assert parts.text.isascii()
        assert not set("\r\n\t @\\#") & set(parts.authority + parts.scheme)
