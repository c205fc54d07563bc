/** Pages for people with an account; visitors too where the site is public. */
export default defineNuxtRouteMiddleware((to) => {
  const session = useSessionStore()
  if (!session.me && !session.public) return navigateTo(withNext('/login', to.fullPath))
})
