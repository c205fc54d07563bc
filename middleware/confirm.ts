/** Who confirms an address that is kept here must be signed in; at Firebase the code of the link says whose it is. */
export default defineNuxtRouteMiddleware((to) => {
  const { me, firebase } = useSessionStore()
  if (!me && !firebase) return navigateTo(withNext('/login', to.fullPath))
})
