import { setResponseHeaders } from 'h3'
import { fromLoopback, isSecure } from '../utils/request'

const headers = {
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'content-security-policy': 'frame-ancestors \'none\'; object-src \'none\'; base-uri \'self\'; form-action \'self\'',
  'referrer-policy': 'same-origin',
  'permissions-policy': 'camera=(), microphone=(), geolocation=(), payment=(), usb=()'
}
/** Over plain HTTP from elsewhere browsers ignore it, and complain. */
const openerPolicy = { 'cross-origin-opener-policy': 'same-origin-allow-popups' }

/** What every answer tells the browser; and that a page made for one person is kept by nobody. */
export default defineNitroPlugin((nitro) => {
  nitro.hooks.hook('request', (event) => {
    const { req } = event.node
    setResponseHeaders(event, { ...headers, ...(isSecure(req) || fromLoopback(req) ? openerPolicy : {}) })
  })
  nitro.hooks.hook('render:response', (response) => { response.headers = { ...response.headers, 'cache-control': 'private, no-store' } })
})
