/** Webhooks as the API shows them (docs/api/openapi.json). Times are ISO 8601 in UTC. */

export interface Signing {
  secret_generation: number;
  /** Until then the secret before this one signs too. */
  previous_secret_until: string | null;
}

export interface Endpoint extends Signing {
  id: string;
  url: string;
  /** Types of events, `noun.*`, or `*`. */
  events: string[];
  description: string | null;
  status: "enabled" | "disabled";
  /** Null where its owner disabled it. */
  disabled_reason: "gone" | "failing" | null;
  disabled_at: string | null;
  created_at: string;
}

export interface EndpointFields {
  url: string;
  events: string[];
  description: string;
}

/** In the answers to a create and a rotation, and in no other. */
export interface WithSecret {
  secret: string;
}

export const DELIVERY_STATUSES = ["pending", "succeeded", "failed"] as const;
export type DeliveryStatus = (typeof DELIVERY_STATUSES)[number];

export interface Attempt {
  number: number;
  at: string;
  outcome: string;
  response_status: number | null;
  duration_ms: number;
}

export interface Delivery {
  id: string;
  event_id: string;
  event_type: string;
  status: DeliveryStatus;
  attempt_count: number;
  /** The last sixteen, oldest first. */
  attempts: Attempt[];
  response: { status: number; excerpt: string } | null;
  next_attempt_at: string | null;
  created_at: string;
}

/** Of the last seven days. `to` left out: until now. */
export interface Stretch {
  from: string;
  to?: string | undefined;
  only_failed: boolean;
}

/** What an endpoint may ask for, beside `*`. */
export const EVENT_FILTERS = [
  "session.*",
  "session.created",
  "session.started",
  "session.ended",
  "session.provider.connected",
  "session.provider.disconnected",
  "transcript.*",
  "transcript.segment",
  "transcript.ready",
  "recording.*",
  "recording.ready",
  "recording.failed",
  "agent.*",
  "agent.tool_call",
  "agent.transferred",
  "analysis.*",
  "analysis.complete",
  "analysis.failed",
  "webhook.*",
  "webhook.test",
  "webhook.disabled",
] as const;
export const EVERYTHING = "*";
