import worklet from "./capture.worklet.ts?worker&url";
import type { Frame } from "./frames.ts";

export type MicrophoneFault = "microphone_denied" | "microphone_missing" | "microphone_failed" | "insecure";

export class MicrophoneError extends Error {
  constructor(readonly fault: MicrophoneFault) {
    super(fault);
  }
}

export interface Microphone {
  close: () => void;
}

export interface Ear {
  /** 20 ms. */
  onFrame: (frame: Frame) => void;
  /** It was unplugged, or the page may not use it any more. */
  onLost: () => void;
}

/** Frames until it is closed. Raises MicrophoneError. */
export async function openMicrophone(context: AudioContext, ear: Ear): Promise<Microphone> {
  const device = await deviceOf();
  try {
    await context.audioWorklet.addModule(worklet);
    const source = context.createMediaStreamSource(device);
    const capture = new AudioWorkletNode(context, "capture", { numberOfOutputs: 0, channelCount: 1 });
    capture.port.onmessage = (event: MessageEvent<Frame>) => ear.onFrame(event.data);
    // Not told when this page stops it itself.
    for (const track of device.getTracks()) track.addEventListener("ended", ear.onLost);
    source.connect(capture);
    return {
      close: () => {
        capture.port.onmessage = null;
        source.disconnect();
        stop(device);
      },
    };
  } catch {
    stop(device);
    throw new MicrophoneError("microphone_failed");
  }
}

async function deviceOf(): Promise<MediaStream> {
  if (!navigator.mediaDevices) throw new MicrophoneError("insecure");
  try {
    // The translated voice comes out of the same machine's speakers.
    const audio = { channelCount: 1, echoCancellation: true, noiseSuppression: true, autoGainControl: true };
    return await navigator.mediaDevices.getUserMedia({ audio });
  } catch (error) {
    throw new MicrophoneError(faultOf(error));
  }
}

function faultOf(error: unknown): MicrophoneFault {
  const name = error instanceof DOMException ? error.name : "";
  if (name === "NotAllowedError" || name === "SecurityError") return "microphone_denied";
  return name === "NotFoundError" || name === "OverconstrainedError" ? "microphone_missing" : "microphone_failed";
}

function stop(device: MediaStream): void {
  for (const track of device.getTracks()) track.stop();
}
