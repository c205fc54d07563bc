/** Signs out everywhere but here. */
export default defineChatHandler(async ({ chat, identity }) => {
  await chat.accounts.endOtherSessions(identity())
})
