/** Pages for people who have no account or are not signed in to it: guests, too. Others go where they wanted to. */
export default defineNuxtRouteMiddleware((to) => {
  if (useSessionStore().isMember) return navigateTo(nextPath(to.query.next))
})
