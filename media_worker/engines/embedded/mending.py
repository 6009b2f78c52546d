"""Slips that Apertium makes in this domain, by words of the source and of its translation.

Calls are polite: `your` is `su`, and `su` is `your`. A rule applies where its word is in the source.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class _Rule:
    heard: re.Pattern[str]
    wrong: re.Pattern[str]
    right: str


def _rule(heard: str, wrong: str, right: str, part: str = "") -> _Rule:
    """`wrong` is made of whole words; `part` instead is a beginning of one."""
    pattern = rf"\b(?:{part})(?=\w)" if part else rf"\b(?:{wrong})(?!\w)"
    return _Rule(re.compile(rf"\b(?:{heard})\b", re.IGNORECASE), re.compile(pattern, re.IGNORECASE), right)


_RULES: Mapping[tuple[str, str], Sequence[_Rule]] = MappingProxyType(
    {
        ("en", "es"): (
            _rule("last name", r"últim[oa] nombre", "apellido"),
            _rule("first name", r"primer nombre", "nombre"),
            _rule("your", r"(?:vuestr[oa]|tu)", "su"),
            _rule("your", r"(?:vuestr[oa]s|tus)", "sus"),
            _rule("orders?", r"la orden", "el pedido"),
            _rule("orders?", r"una orden", "un pedido"),
            _rule("orders?", r"orden", "pedido"),
            _rule("orders", r"[óo]rdenes", "pedidos"),
            _rule("account", r"relación", "cuenta"),
            _rule("items?", r"elemento", "artículo"),
            _rule("items", r"elementos", "artículos"),
            _rule("calling", r"para trucar", "por llamar"),
            _rule("call(?:s|ing|ed)?", "", "llam", part="truc"),
            _rule("help", r"ayudarte", "ayudarle"),
            _rule("tell you", r"decirte", "decirle"),
            _rule("bills?", r"proyecto de ley", "factura"),
            _rule("bills?", r"billetes?", "factura"),
            _rule("what(?: is|'s)", r"^el que es", "cuál es"),
            _rule("cannot|can't", r"puede no", "no puedo"),
            _rule("refund", r"devolución de dinero", "reembolso"),
            _rule(
                "on (?:mon|tues|wednes|thurs|fri|satur|sun)day",
                r"en(?= (?:lunes|martes|miércoles|jueves|viernes|sábado|domingo))",
                "el",
            ),
            _rule("when", r"(?<=^)cuando", "cuándo"),
            _rule("how", r"(?<=^)como", "cómo"),
            _rule("where", r"(?<=^)donde", "dónde"),
        ),
        ("es", "en"): (
            _rule("sus?", r"(?:his|her|its|their)", "your"),
            _rule("les?", r"(?:him|her)", "you"),
            _rule("pedido", r"request", "order"),
            _rule("pedidos", r"requests", "orders"),
            _rule("número de pedido", r"number of (?:request|order)", "order number"),
            _rule("número de teléfono", r"number of (?:tele)?phone", "phone number"),
            _rule("número de cuenta", r"number of account", "account number"),
            _rule("el (?:lun|mart|miércol|juev|viern)es|el sábado|el domingo", r"the(?= \w+day)", "on"),
            _rule("un momento", r"a moment", "one moment"),
            _rule("factura", r"bill", "invoice"),
            _rule("tarjeta", r"postcard", "card"),
            _rule("reembolso", r"reimbursement", "refund"),
        ),
    }
)


def mend(source: str, translation: str, pair: tuple[str, str]) -> str:
    for rule in _RULES.get(pair, ()):
        if rule.heard.search(source):
            translation = rule.wrong.sub(rule.right, translation)
    return translation
