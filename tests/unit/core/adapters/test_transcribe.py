import json
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from botocore.credentials import Credentials
from botocore.eventstream import EventStreamBuffer

from core.adapters.transcribe import TranscribeAddresses, TranscribeEvents, audio_message, message
from core.errors import DependencyRefused, Unavailable

EVENT = ((":content-type", "application/json"), (":event-type", "TranscriptEvent"), (":message-type", "event"))


class Session:
    """As boto3's: credentials of a role, with a token."""

    def __init__(self, credentials: Credentials | None = None) -> None:
        self._credentials = credentials

    def get_partition_for_region(self, region: str) -> str:
        return "aws-cn" if region.startswith("cn-") else "aws"

    def get_credentials(self) -> Credentials | None:
        return self._credentials


ROLE = Session(Credentials("AKID", "secret", "token/of+the=role"))


def address(region: str = "eu-central-1", session: Any = ROLE) -> str:
    return TranscribeAddresses(session, region).address({"language-code": "de-DE", "sample-rate": "8000"})


def test_an_address_is_the_regions_and_carries_what_was_asked_for_signed_but_for_a_minute() -> None:
    url = urlsplit(address())
    query = dict(parse_qsl(url.query))
    assert (url.scheme, url.netloc) == ("wss", "transcribestreaming.eu-central-1.amazonaws.com:8443")
    assert url.path == "/stream-transcription-websocket"
    assert (query["language-code"], query["sample-rate"]) == ("de-DE", "8000")
    assert query["X-Amz-Expires"] == "60"
    assert query["X-Amz-Credential"] == f"AKID/{datetime.now(UTC):%Y%m%d}/eu-central-1/transcribe/aws4_request"
    assert query["X-Amz-Security-Token"] == "token/of+the=role"
    assert len(query["X-Amz-Signature"]) == 64
    assert query["X-Amz-SignedHeaders"] == "host"


def test_china_has_a_domain_of_its_own() -> None:
    assert urlsplit(address("cn-north-1")).hostname == "transcribestreaming.cn-north-1.amazonaws.com.cn"


def test_without_credentials_nothing_is_signed() -> None:
    with pytest.raises(DependencyRefused, match="no credentials"):
        address(session=Session())


def test_audio_is_written_as_botocore_reads_event_streams() -> None:
    buffer = EventStreamBuffer()
    buffer.add_data(audio_message(b"\x01\x02") + audio_message(b""))
    messages: list[Any] = list(buffer)
    first, last = messages
    assert (first.payload, last.payload) == (b"\x01\x02", b"")
    assert first.headers == {
        ":content-type": "application/octet-stream",
        ":event-type": "AudioEvent",
        ":message-type": "event",
    }


def transcript(*results: dict[str, Any]) -> bytes:
    return message(EVENT, json.dumps({"Transcript": {"Results": list(results)}}).encode())


# In the shape of the Transcribe Developer Guide's example of a streaming response.
RESULT = {
    "ResultId": "4f58ff41",
    "StartTime": 0.11,
    "EndTime": 0.66,
    "IsPartial": False,
    "Alternatives": [
        {
            "Transcript": "Welcome.",
            "Items": [
                {
                    "Content": "Welcome",
                    "StartTime": 0.11,
                    "EndTime": 0.659,
                    "Type": "pronunciation",
                    "Confidence": 0.98,
                },
                {"Content": ".", "StartTime": 0.66, "EndTime": 0.66, "Type": "punctuation"},
            ],
        }
    ],
}


def test_results_are_read_however_the_bytes_are_cut() -> None:
    events, data = TranscribeEvents(), transcript(RESULT)
    assert list(events.read(data[:40])) == []
    (heard,) = events.read(data[40:])
    assert (heard.id, heard.is_partial, heard.text) == ("4f58ff41", False, "Welcome.")
    assert [item["Content"] for item in heard.items] == ["Welcome", "."]


def test_an_event_without_results_and_one_that_is_not_known_say_nothing() -> None:
    other = ((":event-type", "Other"), (":message-type", "event"))
    assert list(TranscribeEvents().read(transcript() + message(other, b"?"))) == []


@pytest.mark.parametrize("code", ["LimitExceededException", "InternalFailureException", "ServiceUnavailableException"])
def test_what_may_pass_is_unavailable(code: str) -> None:
    with pytest.raises(Unavailable):
        list(TranscribeEvents().read(message(((":exception-type", code), (":message-type", "exception")), b"{}")))


def test_what_will_not_pass_is_refused_and_its_text_is_not_repeated() -> None:
    headers = ((":exception-type", "BadRequestException"), (":message-type", "exception"))
    with pytest.raises(DependencyRefused, match="BadRequestException") as caught:
        list(TranscribeEvents().read(message(headers, b'{"Message":"they said so"}')))
    assert "they said" not in str(caught.value)


def test_a_damaged_message_is_not_taken_for_text() -> None:
    data = bytearray(transcript(RESULT))
    data[-10] ^= 1
    with pytest.raises(Unavailable):
        list(TranscribeEvents().read(bytes(data)))
