/** Who I am, and what this site lets a newcomer do. */
export default defineChatHandler(async ({ chat, config, viewer }) => {
  const [me, needsSetUp, settings] = await Promise.all([viewer && chat.accounts.me(viewer), chat.accounts.needsSetUp(), chat.site.get()])
  return { ...settings, me, needsSetUp, google: config.google !== null, mail: config.smtpUrl !== null }
})
