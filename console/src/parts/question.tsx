import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { useApp } from "../app.ts";

interface Asked {
  text: string;
  yes: string;
  onYes: () => void;
  onNo: () => void;
  /** What else is asked. */
  children?: ComponentChildren;
}

/** Before what cannot be undone. The browser's own dialog keeps the focus inside and closes on Escape. */
export function Question({ text, yes, onYes, onNo, children }: Asked) {
  const { words } = useApp();
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const asker = document.activeElement;
    dialog.current?.showModal();
    // A dialog that is taken away, rather than closed, does not give the focus back.
    return () => asker instanceof HTMLElement && asker.focus();
  }, []);
  return (
    <dialog ref={dialog} onClose={onNo} aria-labelledby="question">
      <p id="question">{text}</p>
      {children}
      <div class="row end">
        <button type="button" onClick={onNo}>
          {words.cancel}
        </button>
        <button type="button" class="danger" onClick={onYes}>
          {yes}
        </button>
      </div>
    </dialog>
  );
}
