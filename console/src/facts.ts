import { useEffect, useState } from "preact/hooks";

/** What the front door knows of the stack behind it; where nothing tells, only what the address itself says. */
export interface Facts {
  api_url: string;
  stream_url?: string;
  events_url?: string;
  curl?: string;
}

export function useFacts(): Facts {
  const [facts, setFacts] = useState<Facts>({ api_url: `${location.origin}/v1` });
  useEffect(() => {
    fetch("console.json")
      .then((answer) => (answer.ok ? answer.json() : null))
      .then((found) => found?.api_url && setFacts(found))
      .catch(() => undefined);
  }, []);
  return facts;
}
