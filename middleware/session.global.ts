/** Before any page: know who is there; a site without an account is set up first. The server guards itself; this is for a clear way through. */
export default defineNuxtRouteMiddleware(async (to) => {
  const session = useSessionStore()
  if (!session.loaded) await session.load()
  if (session.needsSetUp && to.path !== '/setup') return navigateTo('/setup')
})
