"""`make publish`: the console's files, into the bucket from which CloudFront shows them. `make deploy` ends with it.

    make publish ARGS="--prefix kallglot-prod"

Nothing is deleted: whoever has the page open still loads its parts. Whoever may do this may describe the stacks and
put objects into that bucket; nothing else is needed.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from core.adapters import clients
from local.console import BUILT, ConsoleMissing, facts
from local.deployed import USUAL_PREFIX, outputs
from stacks.page_headers import FRESH, KEPT

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_PAGE = "index.html"
_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}
FAILURES = (BotoCoreError, ClientError, ConsoleMissing, OSError)


@dataclass(frozen=True, slots=True)
class File:
    key: str
    body: bytes
    content_type: str
    cache_control: str


@dataclass(frozen=True, slots=True)
class Hosted:
    """Where a deployment shows its console, and the addresses that the page is told."""

    bucket: str
    console_url: str
    api_url: str
    stream_url: str
    events_url: str


def hosted(told: Mapping[str, str]) -> Hosted | None:
    """`told` are the outputs of all stacks. None where the deployment has no edge, and so no console."""
    if "ConsoleBucket" not in told:
        return None
    names = ("ConsoleBucket", "ConsoleUrl", "ApiUrl", "StreamUrl", "EventsUrl")
    return Hosted(*(told[name] for name in names))


def files(folder: Path, where: Hosted) -> Iterator[File]:
    """The page last: what it asks for is there before it. Raises ConsoleMissing."""
    if not (folder / _PAGE).is_file():
        raise ConsoleMissing(f"there is no console in {folder}; `make setup` builds it")
    for path in sorted((folder / "assets").iterdir()):
        yield File(f"assets/{path.name}", path.read_bytes(), _type(path), KEPT)
    yield File("console.json", json.dumps(facts(where)).encode(), "application/json", FRESH)
    yield File(_PAGE, (folder / _PAGE).read_bytes(), _TYPES[".html"], FRESH)


def publish(s3: S3Client, bucket: str, wanted: Iterator[File]) -> int:
    """How many files there are."""
    count = 0
    for file in wanted:
        s3.put_object(
            Bucket=bucket,
            Key=file.key,
            Body=file.body,
            ContentType=file.content_type,
            CacheControl=file.cache_control,
        )
        count += 1
    return count


def main(arguments: Sequence[str]) -> int:
    options = _parser().parse_args(arguments)
    try:
        where = hosted(_written(options.deployed) if options.deployed else _asked(options.prefix))
        if where is None:
            return 0 if options.deployed else _not_hosted(options.prefix)
        count = publish(clients.s3(), where.bucket, files(BUILT, where))
    except FAILURES as error:
        print(f"the console was not published: {error}", file=sys.stderr)
        return 1
    print(f"{count} files of the console are at {where.console_url}")
    return 0


def _type(path: Path) -> str:
    if path.suffix not in _TYPES:
        raise ConsoleMissing(f"nobody has said what {path.name} is: its ending is not in `local/publish.py`")
    return _TYPES[path.suffix]


def _written(path: Path) -> dict[str, str]:
    by_stack: dict[str, dict[str, str]] = json.loads(path.read_text(encoding="utf-8"))
    return {name: value for told in by_stack.values() for name, value in told.items()}


def _asked(prefix: str) -> dict[str, str]:
    return {**outputs(f"{prefix}-events"), **outputs(f"{prefix}-api")}


def _not_hosted(prefix: str) -> int:
    print(f"{prefix} has no console: it was deployed without -c edge=true", file=sys.stderr)
    return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="make publish ARGS=…", description="Put the console where CloudFront is")
    parser.add_argument("--prefix", default=USUAL_PREFIX, help="name and stage of the deployment (%(default)s)")
    parser.add_argument(
        "--deployed", type=Path, metavar="FILE", help="what `cdk deploy --outputs-file` wrote, instead of a prefix"
    )
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
