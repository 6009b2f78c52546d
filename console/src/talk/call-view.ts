import { withMessage, type Caption } from "./captions.ts";
import type { Invitation } from "./invitation.ts";
import { lagAfter, type Lag } from "./lag.ts";
import type { ServerMessage } from "./messages.ts";
import type { Cause } from "./reconnecting.ts";

export type CallState = "connecting" | "live" | "away" | "ending" | "over";

/** A call as the page shows it. */
export interface CallView {
  state: CallState;
  sessionId: string;
  captions: readonly Caption[];
  isMuted: boolean;
  /** It was there when the call began. */
  hasLostMicrophone: boolean;
  lag: Lag | null;
  /** For the second person, where one was expected. */
  invitation: Invitation | null;
  /** Why it is over, where it should not be. */
  cause: Cause | null;
  /** The last thing that the server could not do. */
  complaint: { code: string; message: string } | null;
}

export const FIRST_VIEW: CallView = {
  state: "connecting",
  sessionId: "",
  captions: [],
  isMuted: false,
  hasLostMicrophone: false,
  lag: null,
  invitation: null,
  cause: null,
  complaint: null,
};

/** The same one where the message changes nothing that is shown. */
export function viewAfter(view: CallView, message: ServerMessage): CallView {
  const captions = withMessage(view.captions, message);
  const lag = lagAfter(view.lag, message);
  const complaint = complaintAfter(view, message);
  const isSame = captions === view.captions && lag === view.lag && complaint === view.complaint;
  return isSame ? view : { ...view, captions, lag, complaint };
}

/** Forgotten once something has been understood again. */
function complaintAfter(view: CallView, message: ServerMessage): CallView["complaint"] {
  if (message.type === "session.error") return message.error;
  return message.type === "transcript.final" ? null : view.complaint;
}
