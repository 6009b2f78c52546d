import type { Api } from "../api/client.ts";
import type { Role } from "../api/objects.ts";
import { FIRST_VIEW, viewAfter, type CallState, type CallView } from "./call-view.ts";
import { FRAME_BYTES, FRAME_MS, RATE_HZ, type Frame } from "./frames.ts";
import type { Invitation } from "./invitation.ts";
import type { ServerMessage } from "./messages.ts";
import { hearsAll, type AgentWanted, type Mode } from "./modes.ts";
import { openMicrophone, type Ear, type Microphone } from "./microphone.ts";
import { SILENCE, toBase64 } from "./mulaw.ts";
import { Player } from "./player.ts";
import type { Cause } from "./reconnecting.ts";
import { socketTo, Stream, type Address } from "./stream.ts";

export interface Wanted {
  mode: Mode;
  source: string;
  target: string;
  agent: AgentWanted | null;
  isRecorded: boolean;
  isInviting: boolean;
  hasMicrophone: boolean;
}

/** Who one is in the session, and where it is. */
interface Place {
  speaker: Role;
  /** Hears everything, one's own translation too; otherwise what is meant for the speaker. */
  hearsAll: boolean;
  sessionId: string;
  address: Address;
  renew: () => Promise<Address>;
  /** Ends it past the stream; null where one may only leave. */
  endByApi: (() => Promise<unknown>) | null;
}

type Show = (view: CallView) => void;

const MUTED_SOUND = toBase64(new Uint8Array(FRAME_BYTES).fill(SILENCE));
const FAREWELL_MS = 5_000;

/** One call of this browser: microphone and speakers, a session, its stream. */
export class Call {
  readonly #context: AudioContext;
  readonly #player: Player;
  readonly #show: Show;
  #microphone: Microphone | null = null;
  #stream: Stream | null = null;
  #place: Place | null = null;
  #view = FIRST_VIEW;
  #frames = 0;
  micPeak = 0;

  /** A new session. `show` is told of every change. Raises MicrophoneError or ApiError, and leaves nothing open then. */
  static host(api: Api, wanted: Wanted, show: Show): Promise<Call> {
    return Call.#started(wanted.hasMicrophone, show, async (call) => {
      const { id, stream } = await api.create({
        mode: wanted.mode,
        source_language: wanted.source,
        target_language: wanted.target,
        recording: { enabled: wanted.isRecorded },
        ...(wanted.agent && { ai_agent: wanted.agent }),
      });
      if (!stream) throw new Error("a new session has a stream");
      const invitation = { sessionId: id, address: stream, language: wanted.target };
      call.#change({ invitation: wanted.isInviting ? invitation : null });
      return {
        speaker: "customer",
        hearsAll: hearsAll(wanted.mode, wanted.isInviting),
        sessionId: id,
        address: stream,
        renew: () => addressOf(api, id),
        endByApi: () => api.end(id),
      };
    });
  }

  /** Somebody else's session, without a key. Raises MicrophoneError. */
  static join(invitation: Invitation, hasMicrophone: boolean, show: Show): Promise<Call> {
    return Call.#started(hasMicrophone, show, async () => ({
      speaker: "agent",
      hearsAll: false,
      sessionId: invitation.sessionId,
      address: invitation.address,
      renew: () => Promise.reject(new Error("only a key gets another token")),
      endByApi: null,
    }));
  }

  static async #started(hasMicrophone: boolean, show: Show, find: (call: Call) => Promise<Place>): Promise<Call> {
    const call = new Call(show);
    try {
      await call.#context.resume();
      if (hasMicrophone) call.#microphone = await openMicrophone(call.#context, call.#ear());
      call.#connect(await find(call));
    } catch (error) {
      call.#hangUp();
      throw error;
    }
    return call;
  }

  private constructor(show: Show) {
    this.#show = show;
    // While the click that starts the call still counts as the reader's wish for sound.
    this.#context = new AudioContext();
    this.#player = new Player(this.#context);
  }

  get speaker(): Role {
    return this.#place?.speaker ?? "customer";
  }

  /** A guest leaves; the host ends the session for everybody. */
  get isGuest(): boolean {
    return this.#place?.endByApi === null;
  }

  get voicePeak(): number {
    return this.#view.state === "over" ? 0 : this.#player.peak;
  }

  mute(isMuted: boolean): void {
    this.#change({ isMuted });
  }

  /** False where it cannot be said now. */
  type(text: string): boolean {
    return this.#stream?.say({ type: "text.input", speaker: this.speaker, text }) ?? false;
  }

  end(): void {
    if (this.isGuest) {
      this.#over(null);
      return;
    }
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

  #connect(place: Place): void {
    this.#place = place;
    this.#change({ sessionId: place.sessionId });
    const around = {
      open: socketTo,
      renew: place.renew,
      now_ms: () => performance.now(),
      wait: (what: () => void, after_ms: number) => void setTimeout(what, after_ms),
      draw: Math.random,
    };
    const listener = {
      onMessage: (message: ServerMessage) => this.#take(message),
      onState: (state: CallState) => this.#view.state !== "ending" && this.#change({ state }),
      onOver: (cause: Cause | null) => this.#over(cause),
    };
    this.#stream = new Stream(place.address, place.hearsAll ? null : place.speaker, around, listener);
  }

  #ear(): Ear {
    const onLost = () => {
      this.micPeak = 0;
      this.#change({ hasLostMicrophone: true });
    };
    return { onFrame: (frame) => this.#hear(frame), onLost };
  }

  /** Muted, silence goes out: nothing of the room leaves this machine. */
  #hear(frame: Frame): void {
    this.micPeak = this.#view.isMuted ? 0 : frame.peak;
    const payload = this.#view.isMuted ? MUTED_SOUND : toBase64(frame.sound);
    const isSent = this.#stream?.sound({
      type: "audio.input",
      sequence: this.#frames + 1,
      timestamp_ms: this.#frames * FRAME_MS,
      speaker: this.speaker,
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
    const view = viewAfter(this.#view, message);
    if (view !== this.#view) this.#change(view);
  }

  async #endByApi(): Promise<void> {
    if (this.#view.state === "over") return;
    try {
      await this.#place?.endByApi?.();
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

async function addressOf(api: Api, sessionId: string): Promise<Address> {
  const { stream } = await api.session(sessionId);
  if (!stream) throw new Error("the session has ended");
  return stream;
}
