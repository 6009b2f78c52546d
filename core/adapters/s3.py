"""Recordings as objects: small chunks as the worker makes them, one long file by multipart upload."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from core.adapters.aws_errors import code_of, translated
from core.errors import NotFound

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import CompletedPartTypeDef

# S3 takes parts of 5 MiB and more (the last may be smaller) and 10,000 of them: 80 GB, far beyond one call.
PART_BYTES = 8 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class S3Recordings:
    client: S3Client
    bucket: str

    def put_chunk(self, key: str, pcm: bytes) -> None:
        with translated("PutObject"):
            self.client.put_object(Bucket=self.bucket, Key=key, Body=pcm)

    def read_chunk(self, key: str) -> bytes:
        """Raises NotFound for a chunk that was never stored."""
        with translated("GetObject"):
            try:
                return self.client.get_object(Bucket=self.bucket, Key=key)["Body"].read()
            except ClientError as error:
                if code_of(error) != "NoSuchKey":
                    raise
                raise NotFound("chunk_not_found", f"no object {key}") from error

    def put_file(self, key: str, parts: Iterator[bytes]) -> int:
        """Of two parts or more by multipart upload; an upload that fails is aborted and leaves nothing."""
        sized = _sized(parts)
        first = next(sized, b"")
        second = next(sized, None)
        if second is None:
            self.put_chunk(key, first)
            return len(first)
        with translated("CreateMultipartUpload"):
            upload_id = self.client.create_multipart_upload(Bucket=self.bucket, Key=key)["UploadId"]
        try:
            return self._upload(key, upload_id, _chain(first, second, sized))
        except BaseException:
            with translated("AbortMultipartUpload"):
                self.client.abort_multipart_upload(Bucket=self.bucket, Key=key, UploadId=upload_id)
            raise

    def location(self, key: str) -> str:
        return f"s3://{self.bucket}/{key}"

    def _upload(self, key: str, upload_id: str, parts: Iterable[bytes]) -> int:
        done: list[CompletedPartTypeDef] = []
        total = 0
        for number, part in enumerate(parts, 1):
            with translated("UploadPart"):
                answer = self.client.upload_part(
                    Bucket=self.bucket, Key=key, UploadId=upload_id, PartNumber=number, Body=part
                )
            done.append({"PartNumber": number, "ETag": answer["ETag"]})
            total += len(part)
        with translated("CompleteMultipartUpload"):
            self.client.complete_multipart_upload(
                Bucket=self.bucket, Key=key, UploadId=upload_id, MultipartUpload={"Parts": done}
            )
        return total


def _sized(parts: Iterator[bytes]) -> Iterator[bytes]:
    """The same bytes in pieces of PART_BYTES, the last one shorter."""
    held = bytearray()
    for part in parts:
        held += part
        while len(held) >= PART_BYTES:
            yield bytes(held[:PART_BYTES])
            del held[:PART_BYTES]
    if held:
        yield bytes(held)


def _chain(first: bytes, second: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    yield first
    yield second
    yield from rest
