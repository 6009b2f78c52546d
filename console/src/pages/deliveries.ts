import type { WebhookApi } from "../api/webhook-client.ts";
import type { Delivery, DeliveryStatus } from "../api/webhooks.ts";

const PAGE_ROWS = 20;
const SEARCHED_ROWS = 100;
const MOST_PAGES = 5;
const SOON_MS = 60_000;

export interface Found {
  deliveries: Delivery[];
  /** How many were looked at for them. */
  looked: number;
  /** After which one the next page begins; null where there is none. */
  next: string | null;
}

/** A page of an endpoint's deliveries. The API does not know the status as a filter: it is looked for, 500 at a time. */
export async function deliveriesOf(
  api: Pick<WebhookApi, "deliveries">,
  endpointId: string,
  status: DeliveryStatus | undefined,
  after: string | undefined,
): Promise<Found> {
  const found: Found = { deliveries: [], looked: 0, next: after ?? null };
  for (let page = 0; page < (status ? MOST_PAGES : 1) && found.deliveries.length < PAGE_ROWS; page += 1) {
    const answer = await api.deliveries(endpointId, status ? SEARCHED_ROWS : PAGE_ROWS, found.next ?? undefined);
    found.deliveries.push(...answer.data.filter((each) => !status || each.status === status));
    found.looked += answer.data.length;
    found.next = (answer.has_more && answer.data.at(-1)?.id) || null;
    if (!found.next) break;
  }
  return found;
}

/** Whether something will have become of one of them in a moment. */
export function isSoon(deliveries: readonly Delivery[], now_ms: number): boolean {
  return deliveries.some(
    (each) => each.status === "pending" && (!each.next_attempt_at || Date.parse(each.next_attempt_at) < now_ms + SOON_MS),
  );
}
