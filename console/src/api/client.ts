import { ApiError, errorOf, UNREACHABLE } from "./errors.ts";
import { WebhookApi } from "./webhook-client.ts";
import type {
  Agent,
  ApiKey,
  Language,
  List,
  NewApiKey,
  NewSession,
  Recording,
  Session,
  Transcript,
  Usage,
} from "./objects.ts";

export type Query = Readonly<Record<string, string | number | undefined>>;
export type TranscriptFormat = "json" | "text" | "srt" | "vtt";
type Send = (url: string, init: RequestInit) => Promise<Response>;

const LONGEST_ANSWER_MS = 40_000;

/** The REST API as this console asks it. The key lives in this object and nowhere else: leaving the page forgets it. */
export class Api {
  readonly #key: string;
  readonly #send: Send;
  readonly #newId: () => string;
  readonly webhooks = new WebhookApi((method, path, query, body) => this.#json(method, path, query, body));

  constructor(key: string, send: Send = (url, init) => fetch(url, init), newId: () => string = () => crypto.randomUUID()) {
    this.#key = key;
    this.#send = send;
    this.#newId = newId;
  }

  /** What may be shown of the key. */
  get hint(): string {
    return this.#key.slice(-4);
  }

  /** The hundred that were made last. */
  agents = () => this.#json<List<Agent>>("GET", "/agents", { limit: 100 });
  languages = () => this.#json<List<Language>>("GET", "/languages");
  sessions = (query: Query) => this.#json<List<Session>>("GET", "/sessions", query);
  session = (id: string) => this.#json<Session>("GET", `/sessions/${encodeURIComponent(id)}`);
  create = (wanted: NewSession) => this.#json<Session>("POST", "/sessions", {}, wanted);
  end = (id: string) => this.#json<Session>("POST", `/sessions/${encodeURIComponent(id)}/end`, {}, {});
  transcript = (id: string) => this.#json<Transcript>("GET", `/sessions/${encodeURIComponent(id)}/transcript`);
  recordings = (id: string) => this.#json<List<Recording>>("GET", `/sessions/${encodeURIComponent(id)}/recordings`);
  usage = (query: Query) => this.#json<Usage>("GET", "/usage", query);
  keys = (query: Query) => this.#json<List<ApiKey>>("GET", "/api_keys", query);
  createKey = (wanted: NewApiKey) => this.#json<ApiKey & { key: string }>("POST", "/api_keys", {}, wanted);
  revokeKey = (id: string) => this.#json<ApiKey>("DELETE", `/api_keys/${encodeURIComponent(id)}`);

  async transcriptFile(id: string, format: TranscriptFormat): Promise<string> {
    const answer = await this.#ask("GET", `/sessions/${encodeURIComponent(id)}/transcript`, { format });
    return answer.text();
  }

  async #json<T>(method: string, path: string, query: Query = {}, body?: unknown): Promise<T> {
    return (await this.#ask(method, path, query, body)).json();
  }

  async #ask(method: string, path: string, query: Query, body?: unknown): Promise<Response> {
    const headers: Record<string, string> = { Authorization: `Bearer ${this.#key}` };
    if (body !== undefined) headers["Content-Type"] = "application/json";
    if (method === "POST") headers["Idempotency-Key"] = this.#newId();
    const answer = await this.#reach(`/v1${path}${queryOf(query)}`, {
      method,
      headers,
      body: body === undefined ? undefined : JSON.stringify(body),
      cache: "no-store",
      credentials: "omit",
      signal: AbortSignal.timeout(LONGEST_ANSWER_MS),
    });
    if (!answer.ok) throw errorOf(answer.status, await answer.text(), answer.headers.get("X-Request-ID"));
    return answer;
  }

  async #reach(url: string, init: RequestInit): Promise<Response> {
    try {
      return await this.#send(url, init);
    } catch {
      throw new ApiError(0, UNREACHABLE, "the API does not answer");
    }
  }
}

export function queryOf(query: Query): string {
  const given = Object.entries(query).filter((entry): entry is [string, string | number] => Boolean(entry[1]));
  const text = new URLSearchParams(given.map(([name, value]) => [name, String(value)])).toString();
  return text && `?${text}`;
}
