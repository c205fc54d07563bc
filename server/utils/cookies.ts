import { getCookie, setCookie, type H3Event } from 'h3'
import { isSecure } from './request'

const PLAIN = 'chatly_session'
/** Under TLS: the prefix has the browser refuse one that another subdomain, or plain HTTP, tries to plant (RFC 6265bis, §4.1.3). */
const HOST = `__Host-${PLAIN}`
const REMEMBER_SECONDS = 30 * 24 * 3600

const base = { httpOnly: true, sameSite: 'lax', path: '/' } as const

/** The secrets of sessions that the browser sent, the better guarded first. Both names are read: people reach some sites by TLS and without. */
export const sessionTokens = (event: H3Event): string[] => [HOST, PLAIN].map(name => getCookie(event, name) ?? '').filter(Boolean)

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
