/** What holds for the site, and how this instance is doing. */
export default defineChatHandler(async ({ chat, identity }) => {
  const settings = await chat.admin.settings(identity())
  const { realtime } = await useChat()
  return { settings, figures: realtime.stats() }
})
