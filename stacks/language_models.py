"""Which language model agents think with: what workers are told of it, and what they may call for it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from aws_cdk import Stack

Name = Literal["bedrock", "embedded", "openai"]

# Of Amazon's own, which no marketplace stands before. Not every region has it by itself: docs/language-models.md.
_USUAL = {"bedrock": {"model": "amazon.nova-lite-v1:0"}}
_PROFILE = re.compile(r"^(us|us-gov|eu|apac|jp|au|ca|sa|il|me|global)\.")
_SECRET = re.compile(r"^arn:aws[a-z-]*:secretsmanager:[a-z0-9-]+:\d{12}:secret:[\w/+=.@-]+-\w{6}$")


@dataclass(frozen=True, slots=True)
class ModelChoice:
    """A model and its options, as a worker takes them."""

    name: Name
    options: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def read(cls, name: Name, options: str) -> ModelChoice:
        """Raises ValueError with what was expected."""
        try:
            given = json.loads(options)
        except ValueError:
            given = None
        if not isinstance(given, dict) or not all(isinstance(value, str) for value in given.values()):
            raise ValueError(f"language_model_options={options}: a JSON object of strings is expected")
        choice = cls(name, {**_USUAL.get(name, {}), **given})
        if name == "openai" and "model" not in given:
            raise ValueError('language_model=openai needs language_model_options={"model": …}: which model answers')
        if choice.secret is not None and not _SECRET.match(choice.secret):
            raise ValueError(f"api_key_secret={choice.secret}: the whole ARN of a secret is expected")
        return choice

    @property
    def secret(self) -> str | None:
        return self.options.get("api_key_secret")

    @property
    def ids(self) -> list[str]:
        """Of Bedrock's models that may be called: the default one, and those that agents may name."""
        more = (pair.partition("=")[2].strip() for pair in self.options.get("models", "").split(","))
        return [id_ for id_ in dict.fromkeys([self.options["model"], *more]) if id_] if self.name == "bedrock" else []

    @property
    def environment(self) -> dict[str, str]:
        return {"LANGUAGE_MODEL": self.name, "LANGUAGE_MODEL_OPTIONS": json.dumps(dict(self.options))}


def resources(id_: str, stack: Stack) -> list[str]:
    """What a call of this model is a call of. An inference profile leads to the model in whatever region it chooses."""
    if id_.startswith("arn:"):
        return [id_]
    models = f"arn:{stack.partition}:bedrock"
    if not _PROFILE.match(id_):
        return [f"{models}:{stack.region}::foundation-model/{id_}"]
    profile = f"{models}:{stack.region}:{stack.account}:inference-profile/{id_}"
    return [profile, f"{models}:*::foundation-model/{_PROFILE.sub('', id_)}"]


def anywhere(ids: list[str]) -> list[str]:
    """The models that inference profiles among them lead to."""
    return [_PROFILE.sub("", id_) for id_ in ids if _PROFILE.match(id_)]
