import { getCookie, setCookie, type H3Event } from 'h3'
import { askerOf, isSecure } from './request'

const PLAIN = 'chatly_session'
/** Under TLS: the prefix has the browser refuse one that another subdomain, or plain HTTP, tries to plant (RFC 6265bis, §4.1.3). */
const HOST = `__Host-${PLAIN}`
const REMEMBER_SECONDS = 30 * 24 * 3600

/** What one attempt to sign in elsewhere is known by. */
const FLOW = 'chatly_google'
const FLOW_SECONDS = 600

const base = { httpOnly: true, sameSite: 'lax', path: '/' } as const

/**
 * The secret of the session that the browser sent. Under TLS the plain name is not read: another subdomain can plant one, which we could not even take away, and
 * whoever is not signed in would act as whoever planted it. So who reaches a site both ways signs in for each.
 */
export const sessionToken = (event: H3Event): string | undefined => getCookie(event, isSecure(askerOf(event.node.req)) ? HOST : PLAIN)

/** Puts a session in the browser, until it closes or for 30 days; whichever was there before is gone. */
export function putSession(event: H3Event, token: string, remember: boolean): void {
  const secure = isSecure(event.node.req)
  if (secure && getCookie(event, PLAIN) !== undefined) setCookie(event, PLAIN, '', { ...base, secure, maxAge: 0 })
  setCookie(event, secure ? HOST : PLAIN, token, { ...base, secure, ...(remember && { maxAge: REMEMBER_SECONDS }) })
}

/** Takes the session out of the browser. A `__Host-` cookie can only be named under TLS. */
export function dropSession(event: H3Event): void {
  const secure = isSecure(event.node.req)
  setCookie(event, PLAIN, '', { ...base, secure, maxAge: 0 })
  if (secure) setCookie(event, HOST, '', { ...base, secure, maxAge: 0 })
}

const flowName = (secure: boolean) => secure ? `__Host-${FLOW}` : FLOW

/** Keeps in this browser what it must bring back from Google. Lax: it comes back from another site. */
export function putFlow(event: H3Event, kept: string): void {
  const secure = isSecure(event.node.req)
  setCookie(event, flowName(secure), kept, { ...base, secure, maxAge: FLOW_SECONDS })
}

/** What was kept, which is gone with this. */
export function takeFlow(event: H3Event): string | undefined {
  const secure = isSecure(event.node.req)
  const kept = getCookie(event, flowName(secure))
  setCookie(event, flowName(secure), '', { ...base, secure, maxAge: 0 })
  return kept
}
