/** What a call of this page can be. One more that the workers serve is one line more. */
export const MODES = ["bidirectional_translation", "assistive_translation", "ai_agent", "help_chat_voice"] as const;
export type Mode = (typeof MODES)[number];

/** An agent by its id, or one that is described here. */
export type AgentWanted = { id: string } | { system_prompt: string };

/** Whether who is alone in it is told everything, their own translation too. Not where they would hear themselves. */
export function hearsAll(mode: Mode, isOneOfTwo: boolean): boolean {
  return !isOneOfTwo && mode === "bidirectional_translation";
}

/** Whether an agent of the deployment's is the other side, who may well speak the same language. */
export function isWithAgent(mode: Mode): boolean {
  return mode === "ai_agent" || mode === "help_chat_voice";
}

/** What the session is told of the agent: a kept one, else the words that were typed; a help desk needs neither. */
export function agentOf(mode: Mode, id: string, prompt: string): AgentWanted | null {
  if (!isWithAgent(mode)) return null;
  if (id) return { id };
  return prompt.trim() ? { system_prompt: prompt.trim() } : null;
}
