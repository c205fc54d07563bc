/** Pages that make no sense without an account, such as its settings. */
export default defineNuxtRouteMiddleware((to) => {
  if (!useSessionStore().me) return navigateTo(withNext('/login', to.fullPath))
})
