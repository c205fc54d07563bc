import { changePasswordBody } from '#shared/schemas'

/** Ends every other session. */
export default defineChatHandler(async ({ chat, identity, body }) => {
  const me = identity()
  await chat.accounts.changePassword(me, await body(changePasswordBody))
})
