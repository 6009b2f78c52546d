import type { Api } from "../api/client.ts";
import { withMessage, type Caption } from "./captions.ts";
import { FRAME_BYTES, FRAME_MS, RATE_HZ, type Frame } from "./frames.ts";
import type { ServerMessage } from "./messages.ts";
import { openMicrophone, type Microphone } from "./microphone.ts";
import { SILENCE, toBase64 } from "./mulaw.ts";
import { Player } from "./player.ts";
import type { Cause } from "./reconnecting.ts";
import { Stream, type Address, type Socket, type SocketEvents } from "./stream.ts";

export type CallState = "connecting" | "live" | "away" | "ending" | "over";

export interface CallView {
  state: CallState;
  sessionId: string;
  captions: readonly Caption[];
  isMuted: boolean;
  isBehind: boolean;
  /** Why it is over, where it should not be. */
  cause: Cause | null;
  /** The last thing that the server could not do. */
  complaint: { code: string; message: string } | null;
}

export interface Wanted {
  source: string;
  target: string;
  isRecorded: boolean;
  hasMicrophone: boolean;
}

const SPEAKER = "customer";
const MUTED_SOUND = toBase64(new Uint8Array(FRAME_BYTES).fill(SILENCE));
const FAREWELL_MS = 5_000;

/** One call of this browser: microphone and speakers, a session, its stream. */
export class Call {
  readonly #api: Api;
  readonly #context: AudioContext;
  readonly #player: Player;
  readonly #show: (view: CallView) => void;
  #microphone: Microphone | null = null;
  #stream: Stream | null = null;
  #view: CallView;
  #frames = 0;
  micPeak = 0;

  /** `show` is told of every change. Raises MicrophoneError or ApiError, and leaves nothing open then. */
  static async start(api: Api, wanted: Wanted, show: (view: CallView) => void): Promise<Call> {
    const call = new Call(api, show);
    try {
      await call.#begin(wanted);
    } catch (error) {
      call.#hangUp();
      throw error;
    }
    return call;
  }

  private constructor(api: Api, show: (view: CallView) => void) {
    this.#api = api;
    this.#show = show;
    // While the click that starts the call still counts as the reader's wish for sound.
    this.#context = new AudioContext();
    this.#player = new Player(this.#context);
    this.#view = {
      state: "connecting",
      sessionId: "",
      captions: [],
      isMuted: false,
      isBehind: false,
      cause: null,
      complaint: null,
    };
  }

  get voicePeak(): number {
    return this.#view.state === "over" ? 0 : this.#player.peak;
  }

  mute(isMuted: boolean): void {
    this.#change({ isMuted });
  }

  /** False where it cannot be said now. */
  type(text: string): boolean {
    return this.#stream?.say({ type: "text.input", speaker: SPEAKER, text }) ?? false;
  }

  async end(): Promise<void> {
    this.#change({ state: "ending" });
    const isTold = this.#stream?.end() ?? false;
    // Over the API where the stream is away, or says nothing any more.
    setTimeout(() => void this.#endByApi(), isTold ? FAREWELL_MS : 0);
  }

  /** The page is left: the session waits five minutes for somebody to come back, then ends. */
  leave(): void {
    this.#stream?.close();
    this.#hangUp();
  }

  async #begin(wanted: Wanted): Promise<void> {
    await this.#context.resume();
    if (wanted.hasMicrophone) {
      this.#microphone = await openMicrophone(this.#context, (frame) => this.#hear(frame));
    }
    const session = await this.#api.create({
      mode: "bidirectional_translation",
      source_language: wanted.source,
      target_language: wanted.target,
      recording: { enabled: wanted.isRecorded },
    });
    if (!session.stream) throw new Error("a new session has a stream");
    this.#change({ sessionId: session.id });
    this.#stream = new Stream(
      session.stream,
      {
        open: socketTo,
        renew: () => this.#address(),
        now_ms: () => performance.now(),
        wait: (what, after_ms) => void setTimeout(what, after_ms),
        draw: Math.random,
      },
      {
        onMessage: (message) => this.#take(message),
        onState: (state) => this.#view.state !== "ending" && this.#change({ state }),
        onOver: (cause) => this.#over(cause),
      },
    );
  }

  async #address(): Promise<Address> {
    const { stream } = await this.#api.session(this.#view.sessionId);
    if (!stream) throw new Error("the session has ended");
    return stream;
  }

  /** Muted, silence goes out: nothing of the room leaves this machine. */
  #hear(frame: Frame): void {
    this.micPeak = this.#view.isMuted ? 0 : frame.peak;
    const payload = this.#view.isMuted ? MUTED_SOUND : toBase64(frame.sound);
    const isSent = this.#stream?.sound({
      type: "audio.input",
      sequence: this.#frames + 1,
      timestamp_ms: this.#frames * FRAME_MS,
      speaker: SPEAKER,
      audio: { encoding: "mulaw", sample_rate_hz: RATE_HZ, payload },
    });
    if (isSent) this.#frames += 1;
  }

  #take(message: ServerMessage): void {
    if (message.type === "audio.output") {
      this.#player.play(message.segment_id, message.audio.payload, message.audio.sample_rate_hz);
      return;
    }
    if (message.type === "audio.clear") this.#player.clear(message.segment_id);
    const captions = withMessage(this.#view.captions, message);
    const changed: Partial<CallView> = captions === this.#view.captions ? {} : { captions };
    if (message.type === "lag") changed.isBehind = true;
    if (message.type === "transcript.final") Object.assign(changed, { isBehind: false, complaint: null });
    if (message.type === "session.error") changed.complaint = message.error;
    if (Object.keys(changed).length) this.#change(changed);
  }

  async #endByApi(): Promise<void> {
    if (this.#view.state === "over") return;
    try {
      await this.#api.end(this.#view.sessionId);
      this.#over(null);
    } catch {
      this.#over("closed");
    }
  }

  #over(cause: Cause | null): void {
    if (this.#view.state === "over") return;
    this.#stream?.close();
    this.#hangUp();
    this.#change({ state: "over", cause });
  }

  #hangUp(): void {
    this.#microphone?.close();
    this.#microphone = null;
    this.micPeak = 0;
    void this.#context.close().catch(() => undefined);
  }

  #change(changed: Partial<CallView>): void {
    this.#view = { ...this.#view, ...changed };
    this.#show(this.#view);
  }
}

function socketTo(url: string, events: SocketEvents): Socket {
  const socket = new WebSocket(url);
  socket.onopen = events.opened;
  socket.onmessage = (event) => events.received(event.data);
  socket.onclose = (event) => events.closed(event.code);
  return socket;
}
