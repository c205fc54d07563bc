/** Mails the link again. */
export default defineChatHandler(async ({ chat, identity }) => {
  await chat.accounts.resendVerification(identity())
})
