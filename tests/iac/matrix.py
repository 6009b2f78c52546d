"""Every combination of the settings that change what is deployed; the rest changes numbers and names in it."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import Any

from tests.infrastructure.assembly import IMAGE, ZONE

_PROFILES = ("dev", "prod")
_GPUS = ("none", "whole", "mps", "fractional")
# With those that step in for them.
_ENGINES = (
    ("embedded", ""),
    ("aws", ""),
    ("whisper", ""),
    ("embedded", "aws"),
    ("aws", "embedded"),
    ("whisper", "aws"),
)
_CELLS = ("", "c1")
# A trial asks the model that is named by default, production those of inference profiles.
_MODELS = {
    "dev": "{}",
    "prod": '{"model": "eu.amazon.nova-lite-v1:0", "models": "large=eu.amazon.nova-pro-v1:0"}',
}
_CERTIFICATE = "arn:aws:acm:eu-central-1:123456789012:certificate/00000000-0000-0000-0000-000000000000"


def combinations() -> Iterator[dict[str, Any]]:
    """As they would be given with `-c`."""
    for profile, cell, gpu, (engines, fallback) in product(_PROFILES, _CELLS, _GPUS, _ENGINES):
        yield {
            "profile": profile,
            "cell": cell,
            "gpu": gpu,
            "engines": engines,
            "engine_fallback": fallback,
            "image": IMAGE,
            "language_model_options": _MODELS[profile],
            # What one profile has by itself, the other one is asked for, or nothing would look at it there.
            "alarms": True,
            "firewall": True,
            **_front(profile, cell, gpu),
            **_sip(profile, cell, gpu, fallback),
        }


def _front(profile: str, cell: str, gpu: str) -> dict[str, Any]:
    """Production has names, of ours or of one's own, or one host; of trials one has such a host, with all that there
    is to it or with nothing, and one nothing at all in front."""
    if profile == "prod" and cell:
        return {"domain": "calls.example.com", "hosted_zone": ZONE}
    if profile == "prod" and gpu in ("none", "whole"):
        return {"certificate": _CERTIFICATE, "stream_base_url": "wss://stream.example.com"}
    if profile == "dev" and not cell:
        return {}
    whole = profile == "prod" or gpu != "fractional"
    return {"edge": True, "edge_log": whole, "firewall": whole, "region": "eu-central-1"}


def _sip(profile: str, cell: str, gpu: str, fallback: str) -> dict[str, Any]:
    """With half of the engines, which it has nothing to do with, so that each front is there with and without: under a
    name of the operator's with a certificate, by a domain's, or by no name."""
    if not fallback:
        return {}
    if cell or gpu in ("none", "whole"):
        return {"sip": True}
    return {"sip": True, "sip_host": "pbx.example.com", "sip_certificate": _CERTIFICATE}


def label(values: dict[str, Any]) -> str:
    shown = ("profile", "cell", "gpu", "engines", "engine_fallback", "sip")
    return " ".join(f"{name}={values[name]}" for name in shown if values.get(name))
