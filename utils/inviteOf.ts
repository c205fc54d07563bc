import { inviteCode } from '#shared/schemas'
import { sitePath } from '#shared/paths'

/** The invite's code in a `next` that leads to one; null in any other. */
export function inviteOf(next: unknown): string | null {
  const [, code] = /^\/invite\/([^/?#]+)(?:[?#]|$)/.exec(sitePath(next)) ?? []
  return inviteCode.safeParse(code).data ?? null
}
