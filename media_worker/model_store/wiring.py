"""The composition root of the model store: addresses and the environment → sources."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from core.adapters import clients
from core.adapters.s3_models import S3Models
from media_worker.model_store.fetching import Patience
from media_worker.model_store.folder import ModelsFolder, Progress
from media_worker.model_store.problems import ModelsProblem
from media_worker.model_store.screen import logged
from media_worker.model_store.sources import HUB, Bucket, bucket_and_prefix
from media_worker.model_store.store import ModelStore

if TYPE_CHECKING:
    from media_worker.model_store.hub import Hub


def store(folder: Path, progress: Progress) -> ModelStore:
    return ModelStore(ModelsFolder(folder), Patience(), progress)


def hub(environment: Mapping[str, str], address: str | None = None) -> Hub:
    """`HF_ENDPOINT` and `HF_TOKEN` are called as Hugging Face's own programs call them. Raises ModelsProblem."""
    try:
        from media_worker.model_store.hub import ADDRESS, Hub, client  # noqa: PLC0415
    except ImportError:
        raise ModelsProblem("a hub is reached with httpx: install the dependency group `whisper`") from None
    return Hub(client(), address or environment.get("HF_ENDPOINT") or ADDRESS, environment.get("HF_TOKEN") or None)


def bucket(address: str) -> Bucket:
    name, prefix = bucket_and_prefix(address)
    return Bucket(S3Models(clients.s3(), name, prefix), f"s3://{name}/{prefix}".rstrip("/"))


def source(address: str, environment: Mapping[str, str]) -> Hub | Bucket | None:
    """`hub`, `s3://bucket/prefix`, or nothing: then models are where they are, and are only checked."""
    if not address:
        return None
    return hub(environment) if address == HUB else bucket(address)


def make_ready(folder: Path, address: str, environment: Mapping[str, str]) -> None:
    """For the worker's start. Raises ModelsProblem."""
    try:
        store(folder, logged).ready(source(address, environment))
    except OSError as error:
        raise ModelsProblem(f"{folder} cannot be used ({error.strerror}): is it writable, and large enough?") from None
