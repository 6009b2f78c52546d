from __future__ import annotations

from xml.etree.ElementTree import fromstring

import pytest

from core.domain import call_markup
from core.domain.telephony import Carrier

URL, BACK = "wss://stream.example.com/v1/sessions/sess_1/connect", "https://api.example.com/v1/telephony/twilio/voice"


def test_twilio_streams_and_comes_back() -> None:
    assert call_markup.stream(Carrier.TWILIO, URL, {"token": "kst_live_x"}, BACK) == (
        f'<Response><Connect><Stream url="{URL}"><Parameter name="token" value="kst_live_x" /></Stream></Connect>'
        f'<Pause length="1" /><Redirect method="POST">{BACK}</Redirect></Response>'
    )


def test_telnyx_is_told_to_play_what_we_send() -> None:
    (stream,) = fromstring(call_markup.stream(Carrier.TELNYX, URL, {}, BACK))[0]
    assert stream.attrib == {"url": URL, "track": "inbound_track", "bidirectionalMode": "rtp"}


@pytest.mark.parametrize("text", ['"><Hangup/>', "a & b", "<", "Müller"])
def test_no_value_is_more_than_a_value(text: str) -> None:
    response = fromstring(call_markup.stream(Carrier.TWILIO, URL, {"participant": text}, f"{BACK}?leg={text}"))
    assert [verb.tag for verb in response] == ["Connect", "Pause", "Redirect"]
    assert response[0][0][0].get("value") == text
    assert response[2].text == f"{BACK}?leg={text}"


def test_the_other_answers() -> None:
    assert call_markup.hang_up() == "<Response><Hangup /></Response>"
    assert call_markup.busy() == '<Response><Reject reason="busy" /></Response>'
    assert call_markup.nothing() == "<Response />"
