/** Pages for people who are not signed in; others go where they wanted to. */
export default defineNuxtRouteMiddleware((to) => {
  if (useSessionStore().me) return navigateTo(nextPath(to.query.next))
})
