import type { IncomingMessage } from 'node:http'
import type { FirebaseSite } from '#shared/types'
import { isSecure } from './request'

/** For whatever is no page of ours: should a browser ever take it for one, it may do nothing. (An image in SVG has style sheets.) */
export const bareCsp = 'default-src \'none\'; style-src \'unsafe-inline\'; base-uri \'none\'; form-action \'none\'; frame-ancestors \'none\''

/** Where sockets may go: `'self'` does not cover them in older browsers. `host` is what the request calls us, where no `origins` are set. */
export function socketSources(request: Pick<IncomingMessage, 'headers'> & Parameters<typeof isSecure>[0], origins: readonly string[]): string[] {
  if (origins.length > 0) return origins.map(origin => origin.replace(/^http/, 'ws'))
  const { host } = request.headers
  // Anybody may write there what they like, and this becomes a header of ours.
  return host !== undefined && /^(\[[\da-f:]+\]|[\w.-]+)(:\d+)?$/i.test(host) ? [`${isSecure(request) ? 'wss' : 'ws'}://${host}`] : []
}

/** Where else a page may go, by directive. */
export interface Elsewhere { scripts: string[], connections: string[], frames: string[] }

const nowhere: Elsewhere = { scripts: [], connections: [], frames: [] }

/** What Firebase's library needs to sign people in: its two services, and for Google's pop-up a script of Google's and a frame of the project's own domain. Nothing where accounts are ours. */
export function firebaseSources(site: FirebaseSite | null): Elsewhere {
  if (!site) return nowhere
  const emulator = site.emulator === null ? [] : [site.emulator]
  return {
    scripts: ['https://apis.google.com'], connections: ['https://identitytoolkit.googleapis.com', 'https://securetoken.googleapis.com', ...emulator],
    frames: [`https://${site.authDomain}`, ...emulator]
  }
}

/**
 * For a page: scripts and style sheets that this answer names, by its nonce, and what those load; nothing inline, nothing from elsewhere but for what is named here.
 * Style attributes are not scripts, and our components have some.
 */
export const pageCsp = (nonce: string, sockets: readonly string[], { scripts, connections, frames }: Elsewhere = nowhere): string => [
  'default-src \'self\'', [`script-src 'nonce-${nonce}' 'strict-dynamic'`, ...scripts].join(' '), 'script-src-attr \'none\'', `style-src 'self' 'nonce-${nonce}'`, 'style-src-attr \'unsafe-inline\'',
  'img-src \'self\' data: blob:', ['connect-src \'self\'', ...sockets, ...connections].join(' '), ...frames.length > 0 ? [['frame-src', ...frames].join(' ')] : [],
  'object-src \'none\'', 'base-uri \'none\'', 'form-action \'self\'', 'frame-ancestors \'none\''
].join('; ')

/** Marks the scripts, style sheets and links of a part of the page that the renderer made itself. Never what components rendered: whatever got in there gets no nonce. */
export const withNonce = (html: string, nonce: string): string => html.replace(/<(script|style|link)\b/g, `<$1 nonce="${nonce}"`)
