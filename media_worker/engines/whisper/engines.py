"""The engine set `whisper`: Whisper, a translation model or several, Kokoro and Piper, from a folder of models.

    models/recognition/          a Whisper model as CTranslate2 converts it, with tokenizer.json
    models/translation/<name>/   of a family in `translation.families`; OPUS-MT models are named for their pairs
    models/voices/kokoro/        kokoro.onnx and voices.bin
    models/voices/piper/         Piper voices, <locale>-<speaker>-<quality>.onnx and .onnx.json

Options: `device` (cpu, cuda), `compute_type`, `threads`, `policy` (quality, balanced, low), `translation` (folders
below models/translation, the first asked first), `noncommercial` (accepted).
"""

from __future__ import annotations

from pathlib import Path

from core.domain.languages import LANGUAGES
from media_worker.engines.base import EngineSet
from media_worker.engines.registry import EngineSettings, EnginesNotAvailable
from media_worker.engines.translation.folder import load_models
from media_worker.engines.translation.translator import BatchTranslator
from media_worker.engines.voices.joined import voices_below
from media_worker.engines.whisper.decoder import LARGEST_BATCH, WhisperDecoder
from media_worker.engines.whisper.policy import DEFAULT, POLICIES, SLICE_S
from media_worker.engines.whisper.recogniser import WhisperSpeechToText

_KNOWN = frozenset(LANGUAGES)


def build(settings: EngineSettings) -> EngineSet:
    """Raises `EnginesNotAvailable`, with the path, when a model is missing or cannot be loaded."""
    options = settings.options
    device = options.get("device", "cpu")
    compute_type = options.get("compute_type", "int8" if device == "cpu" else "float16")
    threads = int(options.get("threads", "1"))
    policy = POLICIES.get(options.get("policy", DEFAULT))
    if policy is None:
        raise EnginesNotAvailable(f"no policy is called {options['policy']!r}; there are {', '.join(sorted(POLICIES))}")
    decoder = _decoder(settings.models_dir / "recognition", device, compute_type, threads)
    models = load_models(
        settings.models_dir / "translation",
        options,
        _KNOWN,
        device=device,
        compute_type=compute_type,
        threads=threads,
    )
    recogniser, translator = WhisperSpeechToText(decoder, policy, _KNOWN), BatchTranslator(models)
    voices = voices_below(settings.models_dir / "voices", _KNOWN, threads)  # last: it may start a program
    return EngineSet(
        "whisper",
        recogniser,
        translator,
        voices,
        close=voices.close,
        finish_batch=LARGEST_BATCH,
        slice_s=SLICE_S,
        detects_language=recogniser.detects_language,
    )


def _decoder(folder: Path, device: str, compute_type: str, threads: int) -> WhisperDecoder:
    # Without these two the loader would go and fetch, at a moment when a call is to be answered.
    for name in ("model.bin", "tokenizer.json"):
        if not (folder / name).exists():
            raise EnginesNotAvailable(f"{folder / name} is missing")
    try:
        return WhisperDecoder(folder, device=device, compute_type=compute_type, threads=threads)
    except (RuntimeError, ValueError) as error:
        raise EnginesNotAvailable(f"the recognition model in {folder} cannot be loaded: {error}") from None
