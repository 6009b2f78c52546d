"""Session descriptions: what a call's two sides offer and answer about their sound."""

from media_worker.sip.sdp.media import Agreed, Codec, LocalMedia, Malformed, NotAcceptable, SdpError
from media_worker.sip.sdp.negotiation import accept, answer, offer

__all__ = ["Agreed", "Codec", "LocalMedia", "Malformed", "NotAcceptable", "SdpError", "accept", "answer", "offer"]
