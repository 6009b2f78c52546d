import type { Api } from "../api/client.ts";
import type { Session } from "../api/objects.ts";

const MOST_LISTED = 50;

export interface Running {
  /** The newest first. */
  sessions: Session[];
  hasMore: boolean;
  /** When it was so, by this machine's monotonic clock. */
  at_ms: number;
}

/** Sessions that somebody is connected to: those that are heard, and those that nobody has spoken in yet. */
export async function runningSessions(api: Pick<Api, "sessions">, now_ms: () => number): Promise<Running> {
  const pages = await Promise.all(
    ["active", "connecting"].map((status) => api.sessions({ status, limit: MOST_LISTED })),
  );
  const sessions = pages.flatMap((page) => page.data);
  sessions.sort((one, other) => other.created_at.localeCompare(one.created_at));
  return { sessions, hasMore: pages.some((page) => page.has_more), at_ms: now_ms() };
}

/** Seconds that a session has been running, some time after the API said so. */
export function elapsed_s(session: Session, since_ms: number, now_ms: number): number {
  const isRunning = session.started_at && session.status !== "ended" && session.status !== "ending";
  return (session.duration ?? 0) + (isRunning ? Math.max(0, now_ms - since_ms) / 1_000 : 0);
}
