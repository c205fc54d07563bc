import { verifyBody } from '#shared/schemas'

/** By the link that was mailed to the address. For the account that it speaks of alone. */
export default defineChatHandler(async ({ chat, identity, body }) => {
  const me = identity()
  await chat.accounts.verify(me, (await body(verifyBody)).token)
})
