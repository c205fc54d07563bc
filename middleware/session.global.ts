import { errorCodes } from '#shared/errors'

/** Before any page: know who is there; a site without an account is set up first. The server guards itself; this is for a clear way through. */
export default defineNuxtRouteMiddleware(async (to) => {
  const session = useSessionStore()
  if (!session.loaded) await session.load()
  if (session.error) return abortNavigation(createError({ statusCode: errorCodes[session.error.code].status, message: session.error.message, fatal: true }))
  if (session.needsSetUp && to.path !== '/setup') return navigateTo('/setup')
})
