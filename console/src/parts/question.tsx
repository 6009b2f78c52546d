import { useEffect, useRef } from "preact/hooks";
import { useApp } from "../app.ts";

interface Asked {
  text: string;
  yes: string;
  onYes: () => void;
  onNo: () => void;
}

/** Before what cannot be undone. The browser's own dialog keeps the focus inside and closes on Escape. */
export function Question({ text, yes, onYes, onNo }: Asked) {
  const { words } = useApp();
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog ref={dialog} onClose={onNo} aria-labelledby="question">
      <p id="question">{text}</p>
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
