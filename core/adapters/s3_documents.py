"""The bytes of documents and of their passages, as objects; uploads by a request that was signed for whoever has it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from core.adapters.aws_errors import code_of, translated
from core.adapters.s3 import S3Recordings
from core.knowledge_ports import Stored, Upload

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_NOT_THERE = frozenset({"NoSuchKey", "404", "NotFound"})
_OTHER_BYTES = frozenset({"PreconditionFailed", "412"})


@dataclass(frozen=True, slots=True)
class S3Documents:
    client: S3Client
    bucket: str

    def put(self, key: str, content: bytes, content_type: str) -> None:
        with translated("PutObject"):
            self.client.put_object(Bucket=self.bucket, Key=key, Body=content, ContentType=content_type)

    def look(self, key: str) -> Stored | None:
        with translated("HeadObject"):
            try:
                found = self.client.head_object(Bucket=self.bucket, Key=key)
            except ClientError as error:
                if code_of(error) in _NOT_THERE:
                    return None
                raise
        return Stored(found["ETag"].strip('"'), found["ContentLength"])

    def read(self, key: str, content: str | None = None) -> bytes | None:
        only: Any = {"IfMatch": f'"{content}"'} if content else {}
        with translated("GetObject"):
            try:
                return self.client.get_object(Bucket=self.bucket, Key=key, **only)["Body"].read()
            except ClientError as error:
                if code_of(error) in _NOT_THERE | _OTHER_BYTES:
                    return None
                raise

    def upload(self, key: str, content_type: str, size: int, now: datetime, lifetime: timedelta) -> Upload:
        """The length is signed, so S3 takes no other; the emulator does not look at it."""
        url = self.client.generate_presigned_url(
            "put_object",
            Params={"Bucket": self.bucket, "Key": key, "ContentType": content_type, "ContentLength": size},
            ExpiresIn=int(lifetime.total_seconds()),
        )
        headers = {"Content-Type": content_type, "Content-Length": str(size)}
        return Upload(url, "PUT", headers, now + lifetime)

    def remove(self, prefix: str) -> None:
        S3Recordings(self.client, self.bucket).remove(prefix)
