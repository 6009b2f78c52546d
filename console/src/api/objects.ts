/** What the API answers with, as far as the console shows it (docs/api/openapi.json). Times are ISO 8601 in UTC. */

export interface List<T> {
  data: T[];
  has_more: boolean;
}

export const STATUSES = ["created", "connecting", "active", "ending", "ended"] as const;
export type Status = (typeof STATUSES)[number];
export type Role = "customer" | "agent";

export interface Meters {
  active_seconds: number;
  translation_seconds: number;
  ai_agent_seconds: number;
}

export interface Session {
  id: string;
  status: Status;
  mode: string;
  source_language: string | null;
  target_language: string | null;
  stream?: { url: string; token: string; expires_at: string };
  provider?: { type: string; status: string };
  participants?: { type: Role; language: string; name?: string }[];
  recording?: { enabled: boolean; channels: string; id?: string };
  transcript?: { available: boolean; word_count: number };
  usage?: Meters;
  /** Seconds. */
  duration?: number;
  metadata?: Record<string, string>;
  created_at: string;
  started_at?: string | null;
  ended_at?: string | null;
  end_reason?: string;
}

export interface NewSession {
  mode: string;
  source_language: string;
  target_language: string;
  recording: { enabled: boolean };
  ai_agent?: { id: string } | { system_prompt: string };
}

export interface Agent {
  id: string;
  name: string;
}

export interface Language {
  code: string;
  name: string;
  speech_in: boolean;
  text: boolean;
  speech_out: boolean;
}

/** Seconds count from the session's first audio. */
export interface Turn {
  id: string;
  sequence: number;
  speaker: Role;
  language: string;
  text: string;
  start_time: number;
  end_time: number;
  translation?: { language: string; text: string } | null;
}

export interface Transcript {
  status: "in_progress" | "completed";
  turns: Turn[];
}

/** `download_url` works for five minutes, without a key. */
export interface Recording {
  id: string;
  status: "processing" | "ready" | "failed";
  duration: number | null;
  /** 2: left the customer, right the agent; 1: mixed. */
  channels: number;
  download_url: string | null;
}

export interface Usage {
  data: (Meters & { date: string })[];
  total: Meters;
}

export const SCOPES = [
  "sessions:read",
  "sessions:write",
  "recordings:read",
  "recordings:delete",
  "analysis:read",
  "analysis:write",
  "webhooks:manage",
  "agents:read",
  "agents:write",
  "keys:manage",
] as const;

export interface ApiKey {
  id: string;
  name: string | null;
  livemode: boolean;
  scopes: string[];
  last_four: string;
  created_at: string;
  expires_at: string | null;
  revoked_at: string | null;
}

export interface NewApiKey {
  name: string;
  scopes: string[];
}
