"""Amazon Translate and Amazon Polly: one text in, one answer out. One try each; who calls decides what comes next."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from typing import Any

from core.adapters import clients
from core.adapters.aws_errors import translated

_ANSWER_S = 4.0


class AmazonTranslate:
    def __init__(self, client: Any) -> None:
        self._client = client

    def translate(self, text: str, source: str, target: str) -> str:
        """Codes are Amazon Translate's; `text` is 10 000 bytes at most. Raises Unavailable, DependencyRefused."""
        with translated("TranslateText"):
            answer = self._client.translate_text(Text=text, SourceLanguageCode=source, TargetLanguageCode=target)
        return str(answer["TranslatedText"])


class AmazonPolly:
    def __init__(self, client: Any) -> None:
        self._client = client

    def speak(self, text: str, voice: str, engine: str, language: str, rate_hz: int) -> Iterator[bytes]:
        """Mono 16-bit little-endian PCM as it arrives, in whole samples; `rate_hz` is 8000 or 16000.

        Raises Unavailable, DependencyRefused.
        """
        with translated("SynthesizeSpeech"):
            answer = self._client.synthesize_speech(
                Text=text,
                TextType="text",
                VoiceId=voice,
                Engine=engine,
                LanguageCode=language,
                OutputFormat="pcm",
                SampleRate=str(rate_hz),
            )
            with closing(answer["AudioStream"]) as sound:
                yield from _whole_samples(sound.iter_chunks(rate_hz // 5 * 2))


def _whole_samples(chunks: Iterator[bytes]) -> Iterator[bytes]:
    half = b""
    for chunk in chunks:
        data = half + chunk
        half = data[len(data) // 2 * 2 :]
        if whole := data[: len(data) // 2 * 2]:
            yield whole


def amazon_translate(endpoint_url: str | None, connections: int) -> AmazonTranslate:
    return AmazonTranslate(_client("translate", endpoint_url, connections))


def amazon_polly(endpoint_url: str | None, connections: int) -> AmazonPolly:
    return AmazonPolly(_client("polly", endpoint_url, connections))


def _client(service: str, endpoint_url: str | None, connections: int) -> Any:
    """Here and not among the `clients`, whose services' models go into the functions' archive."""
    make_client: Any = clients.session().create_client
    return make_client(service, endpoint_url=endpoint_url, config=clients.once(_ANSWER_S, connections))
