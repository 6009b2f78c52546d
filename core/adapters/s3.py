"""Recordings as objects: small chunks as the worker makes them, long files by multipart upload."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from types import MappingProxyType
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from core.adapters.aws_errors import code_of, translated
from core.domain.recordings import Format
from core.errors import NotFound, Unavailable

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import CompletedPartTypeDef

# S3 takes parts of 5 MiB and more (the last may be smaller) and 10,000 of them: 80 GB, far beyond one call.
PART_BYTES = 8 * 1024 * 1024
CONTENT_TYPES: Mapping[Format, str] = MappingProxyType({Format.WAV: "audio/wav", Format.MP3: "audio/mpeg"})


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

    @contextmanager
    def create_file(self, key: str, form: Format) -> Iterator[Upload]:
        upload = Upload(self.client, self.bucket, key, CONTENT_TYPES[form])
        try:
            yield upload
            upload.complete()
        except BaseException:
            upload.abort()
            raise

    def remove(self, prefix: str) -> None:
        pages = self.client.get_paginator("list_objects_v2").paginate(Bucket=self.bucket, Prefix=prefix)
        with translated("DeleteObjects"):
            for page in pages:
                if found := [item["Key"] for item in page.get("Contents", [])]:
                    self._delete(found)

    def link(self, key: str, filename: str, lifetime: timedelta) -> str:
        """Made here, without asking S3; it ends with the credentials that signed it if those end sooner."""
        return self.client.generate_presigned_url(
            "get_object",
            Params={
                "Bucket": self.bucket,
                "Key": key,
                "ResponseContentDisposition": f'attachment; filename="{filename}"',
            },
            ExpiresIn=int(lifetime.total_seconds()),
        )

    def _delete(self, keys: Sequence[str]) -> None:
        """A page is at most a thousand keys, as many as one call takes."""
        answer = self.client.delete_objects(
            Bucket=self.bucket, Delete={"Objects": [{"Key": key} for key in keys], "Quiet": True}
        )
        if failed := answer.get("Errors"):
            codes = sorted({error.get("Code", "") for error in failed})
            raise Unavailable("dependency_unavailable", f"DeleteObjects left some: {codes}", retry_after_s=1)


class Upload:
    """A file on its way: held until a part is full, so a short one is a single put and a long one takes no memory."""

    def __init__(self, client: S3Client, bucket: str, key: str, content_type: str) -> None:
        self.size = 0
        self._client = client
        self._bucket, self._key, self._content_type = bucket, key, content_type
        self._held = bytearray()
        self._parts: list[CompletedPartTypeDef] = []
        self._id: str | None = None

    def write(self, part: bytes) -> None:
        self.size += len(part)
        self._held += part
        while len(self._held) >= PART_BYTES:
            self._send(bytes(self._held[:PART_BYTES]))
            del self._held[:PART_BYTES]

    def complete(self) -> None:
        if self._id is None:
            self._put()
            return
        if self._held:
            self._send(bytes(self._held))
        with translated("CompleteMultipartUpload"):
            self._client.complete_multipart_upload(
                Bucket=self._bucket, Key=self._key, UploadId=self._id, MultipartUpload={"Parts": self._parts}
            )

    def abort(self) -> None:
        """Leave nothing; what cannot be aborted now, the bucket's lifecycle aborts within a day."""
        if self._id is not None:
            with translated("AbortMultipartUpload"):
                self._client.abort_multipart_upload(Bucket=self._bucket, Key=self._key, UploadId=self._id)

    def _put(self) -> None:
        with translated("PutObject"):
            self._client.put_object(
                Bucket=self._bucket, Key=self._key, Body=bytes(self._held), ContentType=self._content_type
            )

    def _send(self, part: bytes) -> None:
        if self._id is None:
            with translated("CreateMultipartUpload"):
                self._id = self._client.create_multipart_upload(
                    Bucket=self._bucket, Key=self._key, ContentType=self._content_type
                )["UploadId"]
        number = len(self._parts) + 1
        with translated("UploadPart"):
            answer = self._client.upload_part(
                Bucket=self._bucket, Key=self._key, UploadId=self._id, PartNumber=number, Body=part
            )
        self._parts.append({"PartNumber": number, "ETag": answer["ETag"]})
