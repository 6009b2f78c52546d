"""From a frame of a socket to its conversation: every frame is parsed, heard and answered right here.

No task, queue or thread in between, and never an exception of the client's making.
"""

from __future__ import annotations

from collections.abc import Callable

from media_worker.closing import CloseCode
from media_worker.dialects.recognise import recognise
from media_worker.limits import ByteBudget, SocketLimits
from media_worker.media_socket import MediaSocket
from media_worker.messages import AudioIn, ClientMessage, Refused, Stopped
from media_worker.pipeline.conversation import Conversation
from media_worker.pipeline.leg import Leg


class Intercom:
    """One leg's. `time` is the event loop's."""

    def __init__(
        self,
        conversation: Conversation,
        leg: Leg,
        socket: MediaSocket,
        limits: SocketLimits,
        time: Callable[[], float],
    ) -> None:
        self._conversation = conversation
        self._leg = leg
        self._socket = socket
        self._most_bad = limits.bad_messages
        self._budget = ByteBudget(limits.inbound_bytes_s, limits.inbound_burst_bytes, time())
        self._time = time
        self._bad = 0
        self._first = True

    def take(self, data: bytes, binary: bool) -> None:
        socket = self._socket
        if not self._budget.allows(len(data), self._time()):
            socket.close(CloseCode.TOO_MUCH, "too much data")
        if socket.is_closing:
            return
        if self._first:
            self._meet(data, binary)
        for message in self._leg.dialect.receive(data, binary=binary):
            if type(message) is AudioIn:
                self._bad = 0
                self._conversation.receive(self._leg, message)
            else:
                self._word(message)

    def _meet(self, data: bytes, binary: bool) -> None:
        self._first = False
        if not binary:
            self._leg.hear_first(recognise(data, self._conversation.id))

    def _word(self, message: ClientMessage) -> None:
        """What is no sound. Too many in a row that cannot be read, and the client is no client of ours."""
        self._bad = self._bad + 1 if isinstance(message, Refused) and message.malformed else 0
        self._conversation.receive(self._leg, message)
        if isinstance(message, Stopped):
            self._socket.close(CloseCode.ENDED, "the stream has stopped")
        elif self._bad >= self._most_bad:
            self._socket.close(CloseCode.BAD_MESSAGE, "too many bad messages")
