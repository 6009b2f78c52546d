from __future__ import annotations

from local.page import page
from local.stack import Addresses


def test_the_page_tells_the_addresses_and_keeps_the_key_to_itself() -> None:
    html = page(Addresses("http://h/v1", "ws://h", "ws://e/live?a=1&b=2", "http://h/", "sk_test_secret"))
    assert "http://h/v1/sessions" in html
    assert "ws://h/v1/sessions/" in html
    assert "ws://e/live?a=1&amp;b=2" in html
    assert "sk_test_secret" not in html
