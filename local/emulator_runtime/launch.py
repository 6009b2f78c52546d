"""Runs inside the emulator's own environment: MiniStack, with what it lacks or answers differently from AWS set right.

All of it is in this one file: no-ops for the resource types of the list, and six corrections. Product code knows of
none of it.

Usage: launch.py UNSUPPORTED_JSON NO_OP_LOG, with MiniStack's own settings in the environment and a pipe as standard
input: when it closes, its writer is gone, however it went, and the emulator ends.
Every creation of such a resource is one JSON line in NO_OP_LOG; a type that is neither provisioned nor listed stops
the deployment.
"""

from __future__ import annotations

import hashlib
import json
import os
import signal
import sys
import tempfile
import threading
import uuid
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any


def main(unsupported: str, log: str) -> None:
    threading.Thread(target=_end_with_parent, daemon=True).start()
    _consider_loopback_secure()
    _refer_to_secrets_by_arn()
    _permit_batches_as_singles()
    _permit_conversing_as_invoking()
    _ask_for_services_by_their_own_arn()
    _unpack_archives_once()
    _register(json.loads(Path(unsupported).read_text()), Path(log))
    from ministack.app import main as serve  # noqa: PLC0415 - reads its settings when imported, so as late as possible

    sys.argv = ["ministack"]
    serve()


def _end_with_parent() -> None:
    # Not through `sys.stdin`, whose lock would be held when the interpreter shuts down.
    while os.read(0, 1):
        pass
    os.kill(os.getpid(), signal.SIGTERM)


def _consider_loopback_secure() -> None:
    """Loopback is plain HTTP; without this, a bucket that insists on TLS (ours, CDK's own) refuses everyone."""
    from ministack.core import iam_evaluator  # noqa: PLC0415 - see main

    resolve = iam_evaluator._resolve_condition_key

    def resolve_as_if_over_tls(key: str, context: Any) -> Any:
        return "true" if key.lower() == "aws:securetransport" else resolve(key, context)

    iam_evaluator._resolve_condition_key = resolve_as_if_over_tls


def _refer_to_secrets_by_arn() -> None:
    """`Ref` of a secret is its ARN; MiniStack gives the name, which no policy on the ARN ever matches."""
    from ministack.services.cloudformation import provisioners  # noqa: PLC0415 - see main

    handlers = provisioners._RESOURCE_HANDLERS["AWS::SecretsManager::Secret"]
    create, update, delete = handlers["create"], handlers["update"], handlers["delete"]

    def create_by_arn(*arguments: Any) -> tuple[str, dict[str, str]]:
        _, attributes = create(*arguments)
        return attributes["Arn"], attributes

    def update_by_arn(arn: str, *arguments: Any) -> tuple[str, dict[str, str]]:
        _, attributes = update(_secret_name(arn), *arguments)
        return attributes["Arn"], attributes

    def delete_by_arn(arn: str, properties: Mapping[str, Any]) -> None:
        delete(_secret_name(arn), properties)

    handlers.update(create=create_by_arn, update=update_by_arn, delete=delete_by_arn)


def _permit_batches_as_singles() -> None:
    """IAM knows no batches of SQS: whoever may send a message may send ten. MiniStack asks for an action of its own."""
    from ministack.core import iam_actions  # noqa: PLC0415 - see main

    extract = iam_actions.extract_iam_action

    def extract_single(service: str, *arguments: Any, **named: Any) -> Any:
        action = extract(service, *arguments, **named)
        return action.removesuffix("Batch") if service == "sqs" and action else action

    iam_actions.extract_iam_action = extract_single


def _permit_conversing_as_invoking() -> None:
    """Bedrock's Converse needs the permission to invoke the model; MiniStack asks for one of its own."""
    from ministack.core import iam_actions  # noqa: PLC0415 - see main

    invoking = {
        "bedrock:Converse": "bedrock:InvokeModel",
        "bedrock:ConverseStream": "bedrock:InvokeModelWithResponseStream",
    }
    extract = iam_actions.extract_iam_action

    def extract_invoking(*arguments: Any, **named: Any) -> Any:
        action = extract(*arguments, **named)
        return invoking.get(action, action)

    iam_actions.extract_iam_action = extract_invoking


def _ask_for_services_by_their_own_arn() -> None:
    """IAM looks for ecs:DescribeServices on the services; MiniStack on their cluster, whatever else is asked for."""
    from ministack.core import iam_actions  # noqa: PLC0415 - see main

    extract = iam_actions.extract_resource_arn

    def extract_service(service: str, method: str, path: str, headers: Any, body: bytes, *rest: Any) -> Any:
        arn = extract(service, method, path, headers, body, *rest)
        named = json.loads(body).get("services") if service == "ecs" and b'"services"' in body else None
        if not named or ":cluster/" not in arn:
            return arn
        return f"{arn.replace(':cluster/', ':service/')}/{named[0].rpartition('/')[2]}"

    iam_actions.extract_resource_arn = extract_service


def _unpack_archives_once() -> None:
    """On AWS a function only reads its code. MiniStack writes a copy for each process that it starts: 50 MB, and half a
    second of the interpreter that answers everybody."""
    from ministack.core import lambda_runtime  # noqa: PLC0415 - see main

    unpacked = Path(tempfile.mkdtemp(prefix="archives-"))
    lock = threading.Lock()

    class Archive(zipfile.ZipFile):
        def extractall(self, path: Any = None, *_: Any) -> None:
            """Makes the empty folder `path` a link to what the archive has been unpacked to."""
            with Path(str(self.filename)).open("rb") as file:
                folder = unpacked / hashlib.file_digest(file, "sha256").hexdigest()
            with lock:
                if not folder.exists():
                    super().extractall(folder.with_suffix(".part"))
                    folder.with_suffix(".part").rename(folder)
            Path(path).rmdir()
            Path(path).symlink_to(folder)

    lambda_runtime.zipfile = SimpleNamespace(**{**vars(zipfile), "ZipFile": Archive})


def _secret_name(arn: str) -> str:
    return arn.rsplit(":", 1)[1].rsplit("-", 1)[0]


def _register(unsupported: Mapping[str, Mapping[str, Any]], log: Path) -> None:
    from ministack.services.cloudformation import provisioners  # noqa: PLC0415 - see main

    for kind, shape in unsupported.items():
        if kind in provisioners._RESOURCE_HANDLERS:
            sys.exit(f"{kind} is provisioned by the emulator now: take it off the list of unsupported types")
        provisioners._RESOURCE_HANDLERS[kind] = _no_op(kind, shape, log)


def _no_op(kind: str, shape: Mapping[str, Any], log: Path) -> dict[str, Callable[..., Any]]:
    def create(logical_id: str, _properties: Mapping[str, Any], stack: str) -> tuple[str, dict[str, str]]:
        with log.open("a") as lines:
            lines.write(json.dumps({"type": kind, "logical_id": logical_id, "stack": stack}) + "\n")
        physical_id = shape["prefix"] + uuid.uuid4().hex[:12]
        return physical_id, dict.fromkeys(shape["attributes"], physical_id)

    def delete(_physical_id: str, _properties: Mapping[str, Any]) -> None:
        return None

    return {"create": create, "delete": delete}


if __name__ == "__main__":
    main(*sys.argv[1:])
