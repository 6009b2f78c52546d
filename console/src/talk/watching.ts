import { withMessage, type Caption } from "./captions.ts";
import type { ServerMessage } from "./messages.ts";

/** Sockets of one page. Sessions beyond are listed, and not heard until one of these is over. */
export const MOST_WATCHED = 12;

export type Heard = ReadonlyMap<string, readonly Caption[]>;

interface Surroundings {
  /** Opens a watch on a session. */
  watch: (sessionId: string, take: (message: ServerMessage) => void) => { close: () => void };
  onHeard: (heard: Heard) => void;
  /** The session itself has changed: begun, ended. */
  onChanged: (sessionId: string) => void;
}

/** What is said in several sessions at once: a watch for each of them, for as long as it is followed. */
export class Watching {
  readonly #around: Surroundings;
  readonly #watches = new Map<string, { close: () => void }>();
  #heard: Heard = new Map();

  constructor(around: Surroundings) {
    this.#around = around;
  }

  /** These from now on, the first ones if there are too many. */
  follow(sessionIds: readonly string[]): void {
    const wanted = sessionIds.slice(0, MOST_WATCHED);
    for (const id of this.#watches.keys()) if (!wanted.includes(id)) this.#leave(id);
    for (const id of wanted) {
      if (!this.#watches.has(id)) this.#watches.set(id, this.#around.watch(id, (message) => this.#take(id, message)));
    }
  }

  close(): void {
    this.follow([]);
  }

  #leave(id: string): void {
    this.#watches.get(id)?.close();
    this.#watches.delete(id);
    const heard = new Map(this.#heard);
    if (heard.delete(id)) this.#heard = heard;
  }

  #take(id: string, message: ServerMessage): void {
    if (message.type.startsWith("session.")) this.#around.onChanged(id);
    const before = this.#heard.get(id) ?? [];
    const captions = withMessage(before, message);
    if (captions === before) return;
    this.#heard = new Map(this.#heard).set(id, captions);
    this.#around.onHeard(this.#heard);
  }
}
