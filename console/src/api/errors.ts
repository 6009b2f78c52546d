/** What the API answers instead of what was asked for: its envelope, or the lack of one. */

export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly requestId: string | null = null,
  ) {
    super(message);
  }
}

/** Nobody answered at all. */
export const UNREACHABLE = "unreachable";
/** Something answered that is not the API. */
export const NO_ENVELOPE = "unexpected_answer";

export function errorOf(status: number, body: string, requestId: string | null): ApiError {
  try {
    const error = JSON.parse(body)?.error;
    if (typeof error?.code === "string" && typeof error?.message === "string") {
      return new ApiError(status, error.code, error.message, error.request_id ?? requestId);
    }
  } catch {
    // Not JSON: a proxy's page. Its text is of no use to anybody.
  }
  return new ApiError(status, NO_ENVELOPE, `HTTP ${status}`, requestId);
}
