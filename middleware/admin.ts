/** The administration: for admins; for everybody else it is not there. The server guards itself. */
export default defineNuxtRouteMiddleware((to) => {
  const { me } = useSessionStore()
  if (!me) return navigateTo(withNext('/login', to.fullPath))
  if (!me.admin) return abortNavigation(createError({ statusCode: 404, message: useText().error.notFound.title, fatal: true }))
})
