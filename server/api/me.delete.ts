import { deleteAccountBody } from '#shared/schemas'

export default defineChatHandler(async ({ chat, identity, body, signOut }) => {
  const me = identity()
  await chat.accounts.deleteAccount(me, await body(deleteAccountBody))
  signOut()
})
