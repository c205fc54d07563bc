/** The closed list of errors, the same on both wires. `retryable`: the same request may succeed later, unchanged. */
export const errorCodes = {
  unauthenticated: { status: 401, retryable: false },
  forbidden: { status: 403, retryable: false },
  not_found: { status: 404, retryable: false },
  password_required: { status: 403, retryable: false },
  wrong_password: { status: 403, retryable: false },
  rate_limited: { status: 429, retryable: true },
  too_large: { status: 413, retryable: false },
  invalid: { status: 400, retryable: false },
  conflict: { status: 409, retryable: false },
  unavailable: { status: 503, retryable: true },
  unsupported: { status: 415, retryable: false }
} as const

export type ErrorCode = keyof typeof errorCodes

/** Why signing in with Google led nowhere, or why one has to sign in again: `problem` of the page that people come to. */
export const signInProblems = ['signed-out', 'google-failed', 'google-unverified', 'google-not-linked', 'google-other', 'google-stale', 'signup-closed', 'invite-invalid', 'account-disabled'] as const
export type SignInProblem = typeof signInProblems[number]

/** What travels to a client, in an HTTP body or in an `error` frame. `retryAfter` is in milliseconds. */
export interface ErrorBody { code: ErrorCode, message: string, retryAfter?: number }

/** The only error that the core throws. Its message is for the person: what happened and what to do; it never carries a secret. */
export class ChatError extends Error {
  override readonly name = 'ChatError'

  constructor(readonly code: ErrorCode, message: string, readonly retryAfter?: number) {
    super(message)
  }

  get status(): number { return errorCodes[this.code].status }

  toJSON(): ErrorBody {
    return { code: this.code, message: this.message, ...(this.retryAfter !== undefined && { retryAfter: this.retryAfter }) }
  }
}

export const isErrorBody = (value: unknown): value is ErrorBody =>
  typeof value === 'object' && value !== null && 'code' in value && typeof value.code === 'string' && value.code in errorCodes

/** WebSocket close codes that we send or act on (RFC 6455 §7.4; 4000–4999 are ours). */
export const closeCodes = {
  goingAway: 1001,
  protocolError: 1002,
  unsupportedData: 1003,
  abnormal: 1006,
  invalidUtf8: 1007,
  policy: 1008,
  tooBig: 1009,
  internal: 1011,
  /** Draining: a `bye` frame said when to come back. */
  restart: 1012,
  tryLater: 1013,
  badProtocol: 4400,
  needTicket: 4401,
  forbidden: 4403,
  slowReader: 4408,
  tooOld: 4426,
  flooding: 4429
} as const

/** What a client does after a close: `resend` = as before; `drop` = come back, but never send that frame again; `ticket` = with a new ticket; `stay` = not at all. */
export type ComeBack = 'resend' | 'drop' | 'ticket' | 'stay'

/** Which of the four a close code asks for. Unknown codes are a broken line: come back. */
export function comeBackAfter(code: number): ComeBack {
  switch (code) {
    case closeCodes.protocolError: case closeCodes.unsupportedData: case closeCodes.invalidUtf8: case closeCodes.policy: case closeCodes.tooBig:
      return 'drop'
    case closeCodes.needTicket:
      return 'ticket'
    case closeCodes.badProtocol: case closeCodes.forbidden: case closeCodes.tooOld:
      return 'stay'
    default:
      return 'resend'
  }
}
