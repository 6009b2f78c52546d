"""What a carrier is told to do with a call, as TwiML; TeXML is the same language with two attributes more. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from xml.etree.ElementTree import Element, SubElement, tostring

from core.domain.telephony import Carrier

CONTENT_TYPE = "text/xml"

# Without the mode Telnyx plays nothing of what we send.
_STREAM: Mapping[Carrier, Mapping[str, str]] = MappingProxyType(
    {
        Carrier.TWILIO: MappingProxyType({}),
        Carrier.TELNYX: MappingProxyType({"track": "inbound_track", "bidirectionalMode": "rtp"}),
    }
)
# Between two attempts to stream, when the far end is not to be reached: nobody is asked more than once a second.
_PAUSE_S = 1


def stream(carrier: Carrier, url: str, parameters: Mapping[str, str], return_url: str) -> str:
    """Stream to `url`; when that ends, ask `return_url` what to do. A carrier never comes back by itself."""
    response = Element("Response")
    connect = SubElement(response, "Connect")
    element = SubElement(connect, "Stream", {"url": url, **_STREAM[carrier]})
    for name, value in parameters.items():
        SubElement(element, "Parameter", {"name": name, "value": value})
    SubElement(response, "Pause", {"length": str(_PAUSE_S)})
    SubElement(response, "Redirect", {"method": "POST"}).text = return_url
    return _written(response)


def hang_up() -> str:
    response = Element("Response")
    SubElement(response, "Hangup")
    return _written(response)


def busy() -> str:
    """The caller hears that the line is busy, and nobody pays."""
    response = Element("Response")
    SubElement(response, "Reject", {"reason": "busy"})
    return _written(response)


def nothing() -> str:
    """The answer to a report."""
    return _written(Element("Response"))


def _written(response: Element) -> str:
    return tostring(response, encoding="unicode", xml_declaration=False)
