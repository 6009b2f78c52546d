"""The engine set `aws`: Amazon Transcribe, Translate and Polly, in the worker's own account and region.

Options: `dialects` (`en=en-GB,pt=pt-PT`) and `voices` (`en=Amy`) choose among what a language has, `stability`
(`high`) is Transcribe's word for how little a partial may change; `endpoint_url` and `transcribe_url` lead elsewhere.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from core.adapters import clients
from core.adapters.speech_services import amazon_polly, amazon_translate
from core.adapters.transcribe import TranscribeAddresses, TranscribeEvents, audio_message
from media_worker.engines.aws.languages import HEARD, VOICES
from media_worker.engines.aws.recogniser import TranscribeSpeechToText
from media_worker.engines.aws.translator import AmazonTranslator
from media_worker.engines.aws.voices import PollyTextToSpeech
from media_worker.engines.base import EngineSet
from media_worker.engines.registry import EngineSettings, EnginesNotAvailable

PARALLEL = 32
_STABILITY = ("high", "medium", "low")


def build(settings: EngineSettings) -> EngineSet:
    """Raises EnginesNotAvailable for an option that means nothing, or without a region or credentials."""
    options = settings.options
    endpoint_url = options.get("endpoint_url")
    addresses = TranscribeAddresses(clients.session(), _region(), options.get("transcribe_url"))
    dialects = _chosen(options, "dialects", HEARD)
    stability = options.get("stability", _STABILITY[0])
    if stability not in _STABILITY:
        raise EnginesNotAvailable(f"stability is one of {', '.join(_STABILITY)}, not {stability!r}")
    heard = {code: dialects.get(code, names[0]) for code, names in HEARD.items()}
    voices = {code: tuple(voice.name for voice in all_) for code, all_ in VOICES.items()}
    return EngineSet(
        "aws",
        TranscribeSpeechToText(addresses, TranscribeEvents, audio_message, heard, stability),
        AmazonTranslator(amazon_translate(endpoint_url, PARALLEL)),
        PollyTextToSpeech(amazon_polly(endpoint_url, PARALLEL), _chosen(options, "voices", voices)),
        finish_batch=PARALLEL,
        parallel=PARALLEL,
    )


def _region() -> str:
    region = clients.session().get_config_variable("region")
    if not region:
        raise EnginesNotAvailable("no region: AWS_DEFAULT_REGION says where Transcribe, Translate and Polly are called")
    if clients.session().get_credentials() is None:
        raise EnginesNotAvailable("no credentials: the task role calls Transcribe, Translate and Polly")
    return str(region)


def _chosen(options: Mapping[str, str], name: str, known: Mapping[str, Collection[str]]) -> dict[str, str]:
    """`code=name,code=name`, each of them known."""
    pairs = [pair.partition("=") for pair in options.get(name, "").split(",") if pair]
    for code, _, value in pairs:
        if value not in known.get(code, ()):
            raise EnginesNotAvailable(f"{name}: {code}={value} is not among {', '.join(known.get(code, ())) or 'any'}")
    return {code: value for code, _, value in pairs}
