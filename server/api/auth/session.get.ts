/** Who I am, and what this site lets a newcomer do. */
export default defineChatHandler(async ({ chat, config, viewer }) => {
  const [me, needsSetUp, settings] = await Promise.all([viewer && chat.accounts.me(viewer), chat.accounts.needsSetUp(), chat.site.get()])
  const firebase = firebaseSite(config)
  return { ...settings, me, needsSetUp, google: config.google !== null || firebase !== null, mail: config.smtpUrl !== null || firebase !== null, firebase }
})
