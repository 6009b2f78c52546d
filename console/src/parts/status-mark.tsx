import type { Status } from "../api/objects.ts";
import { useApp } from "../app.ts";

export function StatusMark({ status }: { status: Status }) {
  const { words } = useApp();
  return <span class={`mark ${status}`}>{words.sessions.statuses[status] ?? status}</span>;
}
