const pages = new Map([['resetPassword', '/reset'], ['verifyEmail', '/verify'], ['verifyAndChangeEmail', '/verify']])

/** From the links in Firebase's mails to our own pages. */
export default defineNuxtRouteMiddleware(({ query: { mode, oobCode } }) => {
  const page = useSessionStore().firebase ? pages.get(String(mode)) : undefined
  if (page === undefined || typeof oobCode !== 'string' || oobCode === '') return abortNavigation(createError({ statusCode: 404, message: useText().error.notFound.title, fatal: true }))
  return navigateTo(`${page}/${encodeURIComponent(oobCode)}`, { replace: true })
})
