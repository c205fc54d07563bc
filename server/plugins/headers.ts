import { randomBytes } from 'node:crypto'
import { removeResponseHeader, setResponseHeaders, type H3Event } from 'h3'
import { bareCsp, firebaseSources, pageCsp, socketSources, withNonce } from '../utils/csp'
import { firebaseSite } from '../utils/firebase-site'
import { fromLoopback, isSecure, noteAsker } from '../utils/request'

const headers = {
  'content-security-policy': bareCsp,
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'same-origin',
  'permissions-policy': 'camera=(), microphone=(), geolocation=(), payment=(), usb=()',
  'cross-origin-resource-policy': 'same-origin',
  'x-robots-tag': 'noindex'
}
/** Over plain HTTP from elsewhere browsers ignore it, and complain. */
const openerPolicy = { 'cross-origin-opener-policy': 'same-origin-allow-popups' }
/** Not for subdomains: they are not ours to decide about. */
const onlyTls = { 'strict-transport-security': 'max-age=31536000' }

/** Pages that visitors and search engines may see where the site is public; elsewhere they lead to the sign-in page, which is none of them. */
const indexable = /^\/(?:rooms\/[^/]+)?$/

/** What every answer tells the browser; what a page may run; and that a page made for one person is kept by nobody. */
export default defineNitroPlugin((nitro) => {
  const nonces = new WeakMap<H3Event, string>()

  nitro.hooks.hook('request', (event) => {
    const { req } = event.node
    noteAsker(req, event.context as Record<string, unknown>)
    setResponseHeaders(event, { ...headers, ...(isSecure(req) || fromLoopback(req) ? openerPolicy : {}), ...(isSecure(req) ? onlyTls : {}) })
  })

  // The development server puts scripts and styles into the page by itself.
  if (!import.meta.dev) {
    nitro.hooks.hook('render:html', (html, { event }) => {
      const nonce = randomBytes(16).toString('base64')
      nonces.set(event, nonce)
      for (const part of ['head', 'bodyAppend'] as const) html[part] = html[part].map(piece => withNonce(piece, nonce))
      // Where components and the loader of chunks look for it that add a style sheet later.
      html.head.unshift(`<meta property="csp-nonce" content="${nonce}" nonce="${nonce}">`)
    })
  }

  nitro.hooks.hook('render:response', async (response, { event }) => {
    const { 'x-powered-by': _, ...own } = response.headers ?? {}
    response.headers = { ...own, 'cache-control': 'private, no-store' }
    if (response.statusCode === 200 && indexable.test(event.path.split('?')[0] ?? '')) removeResponseHeader(event, 'x-robots-tag')
    const nonce = nonces.get(event)
    const { config } = await useChat()
    if (nonce !== undefined) setResponseHeaders(event, { 'content-security-policy': pageCsp(nonce, socketSources(event.node.req, config.origins), firebaseSources(firebaseSite(config))) })
    else if (import.meta.dev) removeResponseHeader(event, 'content-security-policy')
  })
})
