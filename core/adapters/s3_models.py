"""Models as objects below a prefix of a bucket, by name; nothing is listed, so reading objects is all it may need."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from core.adapters.aws_errors import code_of, translated
from core.errors import NotFound, Unavailable

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_PIECE_BYTES = 1024 * 1024
_RANGE = re.compile(r"bytes (\d+)-")
# Without permission to list, S3 does not tell what is missing from what is forbidden.
_ABSENT = frozenset({"AccessDenied", "NoSuchKey", "403", "404"})


@dataclass(frozen=True, slots=True)
class S3Models:
    client: S3Client
    bucket: str
    prefix: str

    @contextmanager
    def open(self, name: str, offset: int) -> Iterator[tuple[int, Iterator[bytes]]]:
        """(where the bytes begin, the bytes). Raises NotFound; Unavailable, also while they are read."""
        key = f"{self.prefix}/{name}" if self.prefix else name
        with translated("GetObject"):
            answer = self._get(key, offset)
            found = _RANGE.match(answer.get("ContentRange", ""))
            body = answer["Body"]
        try:
            yield int(found[1]) if found else 0, self._pieces(body)
        finally:
            body.close()

    def _get(self, key: str, offset: int) -> Any:
        span: Any = {"Range": f"bytes={offset}-"} if offset else {}
        try:
            return self.client.get_object(Bucket=self.bucket, Key=key, **span)
        except ClientError as error:
            if code_of(error) == "InvalidRange":
                raise Unavailable("wrong_range", f"s3://{self.bucket}/{key} is not the one that was begun") from error
            if code_of(error) not in _ABSENT:
                raise
            raise NotFound("model_not_found", f"s3://{self.bucket}/{key} is not there, or may not be read") from error

    @staticmethod
    def _pieces(body: Any) -> Iterator[bytes]:
        with translated("GetObject"):
            yield from body.iter_chunks(_PIECE_BYTES)
