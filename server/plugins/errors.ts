/** Nitro logs errors of pages with the whole address, which may be a link that lets somebody in. So we log them, and it no longer has to. */
export default defineNitroPlugin((nitro) => {
  nitro.hooks.hook('error', (error: Unexpected, { event }) => {
    if (!event || !isUnexpected(error)) return
    if ((error.statusCode ?? 500) >= 500) console.error(`[page] ${event.method} ${pathForLog(event.path)}: ${errorForLog(error)}`)
    Object.assign(error, { unhandled: false, fatal: false, ...error.unhandled && { message: 'Server Error', data: undefined } })
  })
})

interface Unexpected extends Error { unhandled?: boolean, fatal?: boolean, statusCode?: number }

const isUnexpected = (error: Unexpected): boolean => error.unhandled === true || error.fatal === true
