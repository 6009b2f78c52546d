import { useState } from "preact/hooks";
import { useApp } from "../app.ts";

interface Shown {
  title: string;
  hint: string;
  secret: string;
}

/** What is shown this once, with a button that copies it. */
export function Secret({ title, hint, secret }: Shown) {
  return (
    <div class="card" role="status">
      <h2>{title}</h2>
      <p>
        <code class="secret">{secret}</code>
      </p>
      <p class="small">{hint}</p>
      <CopyButton key={secret} text={secret} />
    </div>
  );
}

export function CopyButton({ text }: { text: string }) {
  const { words } = useApp();
  const [isCopied, setCopied] = useState(false);
  return (
    <button type="button" onClick={() => navigator.clipboard?.writeText(text).then(() => setCopied(true))}>
      {isCopied ? words.copied : words.copy}
    </button>
  );
}
