import { messageOf, type ServerMessage } from "./messages.ts";
import { after, FIRST_WINDOW_MS, nextStep, WINDOW_MS, type Absence, type Cause } from "./reconnecting.ts";

export interface Address {
  url: string;
  token: string;
}

/** A WebSocket, as far as this needs one. */
export interface Socket {
  /** OPEN or another one: a socket that is closing takes nothing more, and says so on the browser's console. */
  readonly readyState: number;
  readonly bufferedAmount: number;
  send: (text: string) => void;
  close: () => void;
}

export interface SocketEvents {
  opened: () => void;
  received: (data: unknown) => void;
  closed: (code: number) => void;
}

export interface Surroundings {
  open: (url: string, events: SocketEvents) => Socket;
  /** Asks the API for the address again, with a token that is valid now. */
  renew: () => Promise<Address>;
  now_ms: () => number;
  wait: (what: () => void, after_ms: number) => void;
  draw: () => number;
}

export interface Listener {
  onMessage: (message: ServerMessage) => void;
  onState: (state: "connecting" | "live" | "away") => void;
  /** Null: the session has ended as it should. */
  onOver: (cause: Cause | null) => void;
}

/** WebSocket.OPEN, which is not there where no browser is. */
export const OPEN = 1;
// Two seconds of sound: where the network takes less than it is given, what is older is worth nothing.
const MOST_WAITING_BYTES = 40_000;

/** A call's socket: lost and made again for as long as the session waits for it; every final comes once. */
export class Stream {
  #address: Address;
  readonly #participant: string | null;
  readonly #around: Surroundings;
  readonly #listener: Listener;
  #socket: Socket | null = null;
  #isLive = false;
  #isOver = false;
  #isEnding = false;
  #lastSequence: number | null = null;
  #absence: Absence;

  /** `participant` hears what is meant for it; null hears everything. */
  constructor(address: Address, participant: string | null, around: Surroundings, listener: Listener) {
    this.#address = address;
    this.#participant = participant;
    this.#around = around;
    this.#listener = listener;
    this.#absence = this.#away(FIRST_WINDOW_MS);
    listener.onState("connecting");
    this.#connect();
  }

  /** Live sound: dropped while there is no connection, and where one does not keep up. False if it was. */
  sound(message: object): boolean {
    if ((this.#socket?.bufferedAmount ?? 0) > MOST_WAITING_BYTES) return false;
    return this.say(message);
  }

  /** False where there is no connection. */
  say(message: object): boolean {
    if (!this.#isLive || this.#socket?.readyState !== OPEN) return false;
    this.#socket.send(JSON.stringify(message));
    return true;
  }

  /** Ends the session, not just this connection. False where nobody can be told. */
  end(): boolean {
    this.#isEnding = true;
    return this.say({ type: "session.end" });
  }

  /** Leaves without a word. */
  close(): void {
    this.#isOver = true;
    this.#socket?.close();
  }

  #connect(): void {
    if (this.#isOver) return;
    this.#socket = this.#around.open(this.#address.url, {
      // In a message and not in the address, where logs would see the token.
      opened: () => this.#socket?.send(JSON.stringify(this.#introduction())),
      received: (data) => this.#hear(messageOf(data)),
      closed: (code) => this.#lost(code),
    });
  }

  #introduction(): object {
    const named = this.#participant === null ? {} : { participant: this.#participant };
    const asked = this.#lastSequence === null ? {} : { last_sequence: this.#lastSequence };
    return { type: "session.auth", token: this.#address.token, ...named, ...asked };
  }

  #hear(message: ServerMessage | null): void {
    if (!message || this.#isOver) return;
    if (message.type === "session.ready") {
      this.#isLive = true;
      this.#listener.onState("live");
    }
    if (message.type === "session.ended") this.#isEnding = true;
    if (message.type === "transcript.final") {
      // After a reconnect one may come again that had been on its way.
      if (this.#lastSequence !== null && message.sequence <= this.#lastSequence) return;
      this.#lastSequence = message.sequence;
    }
    this.#listener.onMessage(message);
  }

  #lost(code: number): void {
    if (this.#isOver) return;
    if (this.#isLive) this.#absence = this.#away(WINDOW_MS);
    this.#isLive = false;
    this.#socket = null;
    if (code === 1000 || (this.#isEnding && code !== 1012)) {
      this.#finish(null);
      return;
    }
    const step = nextStep(this.#absence, code, this.#around.now_ms(), this.#around.draw());
    if (step.kind === "over") {
      this.#finish(step.cause);
      return;
    }
    this.#absence = after(this.#absence, step);
    this.#listener.onState("away");
    this.#around.wait(() => void this.#again(step.renew), step.after_ms);
  }

  async #again(renew: boolean): Promise<void> {
    if (renew) {
      try {
        this.#address = await this.#around.renew();
      } catch {
        this.#finish("token_rejected");
        return;
      }
    }
    this.#connect();
  }

  #finish(cause: Cause | null): void {
    this.#isOver = true;
    this.#listener.onOver(cause);
  }

  #away(window_ms: number): Absence {
    return { since_ms: this.#around.now_ms(), window_ms, attempts: 0, hasRenewed: false };
  }
}

/** The browser's own. */
export function socketTo(url: string, events: SocketEvents): Socket {
  const socket = new WebSocket(url);
  socket.onopen = events.opened;
  socket.onmessage = (event) => events.received(event.data);
  socket.onclose = (event) => events.closed(event.code);
  return socket;
}
