import { messageOf, type ServerMessage } from "./messages.ts";
import { OPEN, type Socket, type SocketEvents } from "./stream.ts";

const PING_MS = 60_000;
const AGAIN_MS = 5_000;

export interface WatchSurroundings {
  open: (url: string, events: SocketEvents) => Socket;
  /** The session's token as it is now; null when the session has ended. Raises when it is not to be had now. */
  token: () => Promise<string | null>;
  /** Returns what takes it back. */
  wait: (what: () => void, after_ms: number) => () => void;
}

/** What is said in a session, from outside, by the events socket (docs/events.md). One that breaks is opened again. */
export class Watch {
  readonly #eventsUrl: string;
  readonly #sessionId: string;
  readonly #around: WatchSurroundings;
  readonly #take: (message: ServerMessage) => void;
  #socket: Socket | null = null;
  #stopWaiting: () => void = () => undefined;
  #lastSequence = 0;
  #isClosed = false;

  constructor(
    eventsUrl: string,
    sessionId: string,
    around: WatchSurroundings,
    take: (message: ServerMessage) => void,
  ) {
    this.#eventsUrl = eventsUrl;
    this.#sessionId = sessionId;
    this.#around = around;
    this.#take = take;
    void this.#connect();
  }

  close(): void {
    this.#isClosed = true;
    this.#stopWaiting();
    this.#socket?.close();
  }

  async #connect(): Promise<void> {
    const token = await this.#around.token().catch(() => undefined);
    if (token === null || this.#isClosed) return;
    if (token === undefined) {
      this.#later(() => void this.#connect(), AGAIN_MS);
      return;
    }
    // A browser can set no header here. The session's token opens this session alone, and expires; a key would not.
    const asked = new URLSearchParams({ token, session_id: this.#sessionId });
    this.#socket = this.#around.open(`${this.#eventsUrl}?${asked}`, {
      opened: () => this.#subscribe(),
      received: (data) => this.#hear(messageOf(data)),
      closed: () => this.#later(() => void this.#connect(), AGAIN_MS),
    });
  }

  #subscribe(): void {
    this.#say({ action: "subscribe", session_id: this.#sessionId, last_sequence: this.#lastSequence });
    this.#later(() => this.#ping(), PING_MS);
  }

  /** Who says nothing is told no partials, and cut off in the end. */
  #ping(): void {
    this.#say({ action: "ping" });
    this.#later(() => this.#ping(), PING_MS);
  }

  #hear(message: ServerMessage | null): void {
    if (!message || this.#isClosed) return;
    if (message.type === "transcript.final") this.#lastSequence = Math.max(this.#lastSequence, message.sequence);
    this.#take(message);
  }

  #later(what: () => void, after_ms: number): void {
    this.#stopWaiting();
    if (!this.#isClosed) this.#stopWaiting = this.#around.wait(what, after_ms);
  }

  #say(message: object): void {
    if (this.#socket?.readyState === OPEN) this.#socket.send(JSON.stringify(message));
  }
}
