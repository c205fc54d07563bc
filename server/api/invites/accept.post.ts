import { inviteBody } from '#shared/schemas'

export default defineChatHandler(async ({ chat, identity, body, address }) => {
  const me = identity()
  return chat.invites.accept(me, (await body(inviteBody)).code, address)
})
