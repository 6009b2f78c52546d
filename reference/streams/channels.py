"""The sockets and their messages, as tables: what comes in, by the structs that decode it; what goes out, by models."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from lambdas.websocket.messages import EndSession, Ping, Subscribe, Unsubscribe
from media_worker.dialects import carrier_words, native_words, telnyx, twilio
from reference.objects import streams as told


@dataclass(frozen=True, slots=True)
class Channel:
    """`heard` and `told` map the type of a message to a line about it; `prefix` keeps the names of structs apart."""

    title: str
    address: str
    server: str
    about: str
    heard: Mapping[type, str]
    told: Mapping[type, str]
    prefix: str = ""


_NATIVE_HEARD: Mapping[type, str] = MappingProxyType(
    {
        native_words.SessionAuth: "The first message where no token came with the upgrade",
        native_words.LateAudio: "A piece of sound, 20 ms for example",
        native_words.EarlyAudio: "A piece of sound, in the shape of the first generation",
        native_words.TextInput: "A typed text, translated and spoken like speech",
        native_words.ControlWord: "Mute, pause, hear the original voice",
        native_words.ToolResult: "What a tool call of an agent came to",
        native_words.PingWord: "Are you there?",
        native_words.SessionEnd: "End the session",
        native_words.End: "End the session, in the word of the first generation",
    }
)
_NATIVE_TOLD: Mapping[type, str] = MappingProxyType(
    {
        told.Ready: "Audio may come now",
        told.PartialTranscript: "What somebody is saying",
        told.FinalTranscript: "What somebody said",
        told.AudioOutput: "Sound for a listener",
        told.AudioClear: "Stop playing a segment",
        told.LatencyReport: "Where the time of a segment went",
        told.LagReport: "Speaking has fallen behind",
        told.ToolCallOut: "An agent wants something done",
        told.AgentLeftOut: "An agent has handed the call over",
        told.StreamPong: "The answer to a ping",
        told.StreamError: "Something went wrong",
        told.StreamEnded: "The session has ended",
    }
)
_CARRIER_HEARD: Mapping[type, str] = MappingProxyType(
    {
        carrier_words.Media: "A piece of sound",
        carrier_words.MarkAnswer: "A mark was reached, or cleared away",
        carrier_words.Dtmf: "A key was pressed",
        carrier_words.Stop: "The stream is over; the session is not",
    }
)
_CONNECT = "/v1/sessions/{session_id}/connect"

CHANNELS: Mapping[str, Channel] = MappingProxyType(
    {
        "stream": Channel(
            title="JSON stream",
            address=_CONNECT,
            server="stream",
            about="Audio in, transcripts and translated speech out. A binary frame is raw audio in the format that the "
            "client declared last, at first mu-law at 8000 Hz. The token comes with the upgrade, as "
            "`Authorization: Bearer` or `?token=`, or in the first message, within five seconds. Several streams "
            "may join one session. After 1012, or when the connection breaks, connect again within five minutes; "
            "with `last_sequence` the finals that were missed are told again.",
            heard=_NATIVE_HEARD,
            told=_NATIVE_TOLD,
        ),
        "twilio": Channel(
            title="Twilio Media Streams",
            address=_CONNECT,
            server="stream",
            about="Recognised by its first message. The token is the custom parameter `token`; `participant` names who "
            "is on the telephone (`customer` unless said otherwise), `original_voice` may be `on`.",
            heard={twilio.Connected: "The socket is open", twilio.Start: "The stream begins", **_CARRIER_HEARD},
            told={
                told.TwilioMediaOut: "Sound for the telephone",
                told.TwilioMarkOut: "The end of a segment",
                told.TwilioClearOut: "Stop playing",
            },
            prefix="Twilio",
        ),
        "telnyx": Channel(
            title="Telnyx media streaming",
            address=_CONNECT,
            server="stream",
            about="Recognised by its first message; `stream_bidirectional_mode` must be `rtp`. Custom parameters as "
            "with Twilio, and `output_codec` and `output_sampling_rate` where they are not PCMU at 8000 Hz.",
            heard={
                telnyx.Connected: "The socket is open",
                telnyx.Start: "The stream begins",
                telnyx.Error: "Telnyx could not do what it was told",
                **_CARRIER_HEARD,
            },
            told={
                told.TelnyxMediaOut: "Sound for the telephone",
                told.TelnyxMarkOut: "The end of a segment",
                told.TelnyxClearOut: "Stop playing",
            },
            prefix="Telnyx",
        ),
        "events": Channel(
            title="Events socket",
            address="/",
            server="events",
            about="For whoever watches. Connect with an API key that may read sessions, or with a stream token and "
            "`?session_id=`; in a header or as `?token=`. Subscribe to what you watch. Messages may come twice, and "
            "one may overtake another: finals are told apart and ordered by `sequence`. Partials come while somebody "
            "speaks, when they can: the one with the latest `end_time` counts, and none after the final of its `id`. "
            "A ping every minute or two keeps the connection, and the partials coming. A connection lasts two hours "
            "at most; connect again, subscribe with the `last_sequence` that you have, and what you missed follows.",
            heard={
                Subscribe: "Watch a session",
                Unsubscribe: "Watch it no more",
                Ping: "Are you there?",
                EndSession: "End a session: with a key that may write sessions, or with the session's own token",
            },
            told={
                told.PartialTranscript: "What somebody is saying",
                told.WatchedTurn: "Somebody said something",
                told.WatchedSession: "A session changed",
                told.WatchedRecording: "A recording is ready, or failed",
                told.WatchedToolCall: "An agent wants something done",
                told.Subscribed: "The answer to subscribe",
                told.Unsubscribed: "The answer to unsubscribe",
                told.EndedByWatcher: "The answer to end_session",
                told.WatcherPong: "The answer to a ping",
                told.WatcherError: "The message before was not acted on",
            },
        ),
    }
)

QUERY: Mapping[str, Any] = MappingProxyType(
    {
        "stream": {
            "token": {"type": "string", "description": "The stream token, where no header can be set."},
            "participant": {"type": "string", "enum": ["customer", "agent"], "description": "Whose voice this is."},
            "last_sequence": {"type": "integer", "minimum": 0, "description": "The last final that the client has."},
        },
        "events": {
            "token": {"type": "string", "description": "An API key or a stream token, where no header can be set."},
            "session_id": {"type": "string", "description": "With a stream token, its session."},
        },
    }
)
