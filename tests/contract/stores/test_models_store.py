"""Models from a bucket, by moto; a folder that was pulled, uploaded with its lock."""

from __future__ import annotations

from pathlib import Path

import boto3
import pytest

from core.adapters import clients
from core.adapters.s3_models import S3Models
from media_worker.model_store.fetching import Patience
from media_worker.model_store.folder import Condition, ModelsFolder
from media_worker.model_store.problems import ModelsProblem
from media_worker.model_store.sources import Bucket
from media_worker.model_store.store import ModelStore, Terms

FILES = {"recognition/model.bin": b"weights " * 300, "recognition/config.json": b"{}"}


def store(folder: Path) -> ModelStore:
    return ModelStore(ModelsFolder(folder), Patience(attempts=2, sleep=lambda _s: None))


@pytest.fixture
def bucket(aws: None, tmp_path: Path) -> Bucket:
    made = store(tmp_path / "made")
    for path, data in FILES.items():
        (tmp_path / "made" / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "made" / path).write_bytes(data)
    made.lock_here("whisper-mine", "recognition", "MIT")
    s3 = boto3.client("s3")
    s3.create_bucket(Bucket="models")
    for path in (*FILES, "models.lock.json"):
        s3.put_object(Bucket="models", Key=f"v1/{path}", Body=(tmp_path / "made" / path).read_bytes())
    return Bucket(S3Models(clients.s3(), "models", "v1"), "s3://models/v1")


def test_a_start_fetches_what_the_buckets_lock_names(bucket: Bucket, tmp_path: Path) -> None:
    where = store(tmp_path / "models")
    where.ready(bucket)
    assert {path: (tmp_path / "models" / path).read_bytes() for path in FILES} == FILES
    assert set(where.verify().values()) == {Condition.WHOLE}


def test_what_was_begun_goes_on_by_range(bucket: Bucket, tmp_path: Path) -> None:
    where = store(tmp_path / "models")
    lock = bucket.lock()
    (weights,) = (file for file in lock.files() if file.path.endswith("model.bin"))
    where.folder.part(weights.sha256).write_bytes(FILES["recognition/model.bin"][:1000])
    with bucket.open(lock.models["whisper-mine"], weights, 1000) as (start, pieces):
        assert (start, b"".join(pieces)) == (1000, FILES["recognition/model.bin"][1000:])
    where.ready(bucket)
    assert (tmp_path / "models" / weights.path).read_bytes() == FILES["recognition/model.bin"]


def test_an_object_that_was_changed_stops_the_start(bucket: Bucket, tmp_path: Path) -> None:
    boto3.client("s3").put_object(Bucket="models", Key="v1/recognition/model.bin", Body=b"damaged " * 300)
    with pytest.raises(ModelsProblem, match=r"recognition/model.bin came with another checksum"):
        store(tmp_path / "models").ready(bucket)
    assert not (tmp_path / "models/recognition/model.bin").exists()


def test_a_bucket_without_a_lock_is_no_source(bucket: Bucket, tmp_path: Path) -> None:
    boto3.client("s3").delete_object(Bucket="models", Key="v1/models.lock.json")
    with pytest.raises(ModelsProblem, match="upload a folder that `kallglot models pull` has made"):
        store(tmp_path / "models").pull_from_bucket(bucket, [], Terms())


def test_a_bucket_that_is_not_there_is_said(aws: None, tmp_path: Path) -> None:
    nowhere = Bucket(S3Models(clients.s3(), "nowhere", "v1"), "s3://nowhere/v1")
    with pytest.raises(ModelsProblem, match="s3://nowhere/v1 is closed to us"):
        store(tmp_path / "models").ready(nowhere)
