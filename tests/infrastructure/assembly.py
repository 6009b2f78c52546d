"""The synthesized deployment as plain data, so that an assertion reads like the template."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import aws_cdk as cdk
from cdk_nag import AwsSolutionsChecks, ServerlessChecks

from stacks.config import Config
from stacks.deployment import Deployment

ROOT = Path(__file__).parents[2]
# So that no test depends on the machine's architecture or waits for an image's fingerprint.
IMAGE = "example.org/kallglot/media-worker:1"
ZONE = "Z0123456789ABCDEFGHIJ"


def context() -> dict[str, Any]:
    """As `cdk.json` says, without making the functions' archive."""
    return {**json.loads((ROOT / "cdk.json").read_text())["context"], "aws:cdk:bundling-stacks": []}


@dataclass(frozen=True)
class Resource:
    stack: str
    id: str
    kind: str
    properties: dict[str, Any]
    raw: dict[str, Any]


@dataclass(frozen=True)
class Assembly:
    folder: Path
    config: Config

    @cached_property
    def templates(self) -> dict[str, dict[str, Any]]:
        """By the stack's name without the deployment's prefix."""
        prefix, suffix = f"{self.config.prefix}-", ".template.json"
        files = sorted(self.folder.glob(f"*{suffix}"))
        return {file.name.removeprefix(prefix).removesuffix(suffix): json.loads(file.read_text()) for file in files}

    @cached_property
    def report(self) -> dict[str, Any]:
        report: dict[str, Any] = json.loads((self.folder / "validation-report.json").read_text())
        return report

    def resources(self, kind: str = "", stack: str = "") -> list[Resource]:
        return [found for found in self._all() if kind in ("", found.kind) and stack in ("", found.stack)]

    def only(self, kind: str, stack: str = "") -> Resource:
        (found,) = self.resources(kind, stack)
        return found

    def function(self, module: str) -> Resource:
        handler = f"lambdas.{module}.handler"
        (found,) = (f for f in self.resources("AWS::Lambda::Function") if f.properties["Handler"] == handler)
        return found

    def statements(self, role: Resource) -> list[dict[str, Any]]:
        """All that a role's policies in this deployment say, inline ones included."""
        attached = [p for p in self.resources("AWS::IAM::Policy", role.stack) if _names(p.properties["Roles"], role.id)]
        documents = [policy.properties["PolicyDocument"] for policy in attached]
        documents += [policy["PolicyDocument"] for policy in role.properties.get("Policies", [])]
        return [statement for document in documents for statement in document["Statement"]]

    def role_of(self, function: Resource) -> Resource:
        role_id = function.properties["Role"]["Fn::GetAtt"][0]
        (role,) = (role for role in self.resources("AWS::IAM::Role", function.stack) if role.id == role_id)
        return role

    def _all(self) -> Iterator[Resource]:
        for stack, template in self.templates.items():
            for name, raw in template["Resources"].items():
                yield Resource(stack, name, raw["Type"], raw.get("Properties", {}), raw)


def synthesize(folder: Path, config: Config) -> Assembly:
    """Validation findings are in the report: `app.synth` raises on them, after everything has been written."""
    app = cdk.App(outdir=str(folder), context=context(), analytics_reporting=False)
    Deployment(app, config)
    cdk.Validations.of(app).add_plugins(AwsSolutionsChecks(app), ServerlessChecks(app))
    app.synth()
    return Assembly(folder, config)


def strings(value: Any) -> Iterator[str]:
    """All that stands in a template as it is, keys left out."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for part in value.values():
            yield from strings(part)
    elif isinstance(value, list):
        for part in value:
            yield from strings(part)


def text(value: Any) -> str:
    """A value with its intrinsic functions written out: joined, with the name of what is referred to in brackets."""
    if isinstance(value, str):
        return value
    ((function, argument),) = value.items()
    if function == "Fn::Join":
        separator, parts = argument
        return str(separator.join(text(part) for part in parts))
    name = argument if isinstance(argument, str) else ".".join(map(str, argument))
    return f"<{name}>"


def as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _names(references: list[dict[str, Any]], role_id: str) -> bool:
    return {"Ref": role_id} in references
