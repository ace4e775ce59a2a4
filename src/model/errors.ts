/**
 * The closed table of what can go wrong: each code's exit status on the command line and status over HTTP.
 * Exit statuses: 1 failed, 2 wrong usage or configuration, 3 refused, 4 done in part (DESIGN.md, "The command line").
 */
export const errorCodes = {
  usage: { exit: 2, http: 400 },
  configuration: { exit: 2, http: 400 },
  invalid: { exit: 1, http: 422 },
  'not-found': { exit: 1, http: 404 },
  exists: { exit: 1, http: 409 },
  busy: { exit: 1, http: 409 },
  untrusted: { exit: 1, http: 502 },
  stale: { exit: 1, http: 502 },
  unavailable: { exit: 1, http: 502 },
  damaged: { exit: 1, http: 500 },
  incomplete: { exit: 1, http: 404 },
  'no-space': { exit: 1, http: 507 },
  refused: { exit: 3, http: 403 },
  unauthenticated: { exit: 1, http: 401 },
  forbidden: { exit: 1, http: 403 },
  partial: { exit: 4, http: 500 },
  cancelled: { exit: 1, http: 499 },
  internal: { exit: 1, http: 500 },
} as const

export type ErrorCode = keyof typeof errorCodes

/** What an error may carry beside its code and message. */
export interface ErrorDetail {
  /** What to do next, as one sentence for the person who reads it. */
  hint?: string
  cause?: unknown
}

/**
 * The one error that Switchyard throws on purpose. `message` says what failed, on which object, why, and what was
 * left untouched; `hint` says what to do next. Anything else that is thrown is a defect and shown as `internal`.
 * Whoever builds the message removes credentials from it.
 */
export class YardError extends Error {
  override readonly name = 'YardError'
  readonly code: ErrorCode
  readonly hint: string | undefined

  constructor(code: ErrorCode, message: string, detail: ErrorDetail = {}) {
    super(message, detail.cause === undefined ? undefined : { cause: detail.cause })
    this.code = code
    this.hint = detail.hint
  }
}

/** The message of anything thrown, for use inside another message. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

/** True for a YardError of one of the given codes (any code, when none is given). */
export function isYardError(error: unknown, ...codes: ErrorCode[]): error is YardError {
  return error instanceof YardError && (codes.length === 0 || codes.includes(error.code))
}
