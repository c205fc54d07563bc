import { ChatError } from '#shared/errors'

/** gRPC's. */
export const codes = {
  CANCELLED: 1, UNKNOWN: 2, INVALID_ARGUMENT: 3, DEADLINE_EXCEEDED: 4, NOT_FOUND: 5, ALREADY_EXISTS: 6, PERMISSION_DENIED: 7, RESOURCE_EXHAUSTED: 8, FAILED_PRECONDITION: 9,
  ABORTED: 10, INTERNAL: 13, UNAVAILABLE: 14, UNAUTHENTICATED: 16
} as const

const codeOf = (error: unknown): number | null => error instanceof Error && 'code' in error && typeof error.code === 'number' ? error.code : null
const textOf = (error: unknown) => error instanceof Error ? error.message : String(error)

/** Too big for one document, or for one transaction. */
const isTooLarge = (error: unknown) => codeOf(error) === codes.INVALID_ARGUMENT && /(maximum (?:allowed|entity) size|too big|payload size exceeds|exceeds the maximum)/i.test(textOf(error))

const passing: ReadonlySet<number | null> = new Set([
  codes.ABORTED, codes.ALREADY_EXISTS, codes.CANCELLED, codes.UNKNOWN, codes.DEADLINE_EXCEEDED, codes.INTERNAL, codes.UNAVAILABLE, codes.RESOURCE_EXHAUSTED
])

export const unavailable = (cause?: unknown) =>
  Object.assign(new ChatError('unavailable', 'Chatly can\'t reach its storage right now. Try again in a moment.'), { cause })

export interface Outages {
  /** The error for the caller; the operator hears of an outage, once. */
  explain: (error: unknown) => unknown
  /** Whether the same may work in a moment. */
  mayPass: (error: unknown) => boolean
  /** A quota is used up, or we are too fast. */
  isFull: (error: unknown) => boolean
  /** Something worked. */
  over: () => void
}

/** What is wrong with Firestore, in one line for the operator, with what to do; null: nothing is, the request is at fault. */
function lineFor(error: unknown, project: string): string | null {
  const text = textOf(error)
  if (/default credentials|could not refresh access token|invalid_grant|ENOENT.*\.json/i.test(text)) {
    return 'Firestore: there are no usable credentials. Check GOOGLE_APPLICATION_CREDENTIALS, or the service account that this runs as.'
  }
  switch (codeOf(error)) {
    case codes.PERMISSION_DENIED:
      return `Firestore: permission denied in the project ${project}. Give the service account the role roles/datastore.user, and enable firestore.googleapis.com.`
    case codes.UNAUTHENTICATED: return 'Firestore: the credentials are not accepted. Check GOOGLE_APPLICATION_CREDENTIALS, and the clock of this machine.'
    case codes.RESOURCE_EXHAUSTED: return `Firestore: a quota of the project ${project} is used up. See its quotas and its billing; nothing can be saved until then.`
    case codes.NOT_FOUND: return `Firestore: the project ${project} has no database. Check FIREBASE_PROJECT_ID, and create one in Native mode.`
    case codes.FAILED_PRECONDITION: return /index/i.test(text)
      ? 'Firestore: an index is missing. Deploy firestore.indexes.json, and wait until all are built.'
      : `Firestore: refused (FAILED_PRECONDITION) in the project ${project}. The database must be in Native mode.`
    case codes.ABORTED: case codes.ALREADY_EXISTS: return 'Firestore: too many changes to the same documents at once. People are asked to try again.'
    case codes.DEADLINE_EXCEEDED: case codes.UNAVAILABLE: case codes.CANCELLED: case codes.UNKNOWN: case codes.INTERNAL:
      // Google's library waits in silence for a quota, too.
      return `Firestore: can't be reached, or a quota of the project ${project} is used up (code ${codeOf(error)}). Nothing can be saved or read until this is over.`
    default: return null
  }
}

/** Tells the operator of outages: once each, until something works again. What Firestore itself says stays out: it may quote what people wrote. */
export function createOutages(project: string, onTrouble: (error: Error) => void): Outages {
  let told: string | null = null
  return {
    explain(error) {
      if (error instanceof ChatError) return error
      if (isTooLarge(error)) return Object.assign(new ChatError('too_large', 'That is more than can be kept in one place. Make it smaller.'), { cause: error })
      const line = lineFor(error, project)
      if (line === null) return error
      if (line !== told) onTrouble(new Error(line))
      told = line
      return unavailable(error)
    },
    mayPass: error => passing.has(codeOf(error)) || (codeOf(error) === codes.INVALID_ARGUMENT && /transaction/i.test(textOf(error)) && !isTooLarge(error)),
    isFull: error => codeOf(error) === codes.RESOURCE_EXHAUSTED,
    over() { told = null }
  }
}
