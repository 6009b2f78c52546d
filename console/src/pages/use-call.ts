import { useEffect, useRef, useState } from "preact/hooks";
import type { CallView } from "../talk/call-view.ts";
import type { Call } from "../talk/call.ts";

type Starting = (show: (view: CallView) => void) => Promise<Call>;

/** The call of a page, from its start to its end; leaving the page leaves the call. */
export function useCall() {
  const [view, setView] = useState<CallView | null>(null);
  const [call, setCall] = useState<Call | null>(null);
  const [error, setError] = useState<unknown>(null);
  const [isStarting, setStarting] = useState(false);
  const isHere = useRef(true);
  const running = useRef<Call | null>(null);
  useEffect(
    () => () => {
      isHere.current = false;
      running.current?.leave();
    },
    [],
  );

  async function start(begin: Starting): Promise<void> {
    setStarting(true);
    setError(null);
    try {
      const started = await begin((changed) => isHere.current && setView(changed));
      running.current = started;
      if (isHere.current) setCall(started);
      else started.leave();
    } catch (failure) {
      setError(failure);
      setView(null);
    }
    setStarting(false);
  }

  function again(): void {
    setCall(null);
    setView(null);
  }

  return { call, view, error, isStarting, start, again };
}
