import { accountBody, id } from '#shared/schemas'

export default defineChatHandler(async ({ chat, identity, param, body }) => {
  const me = identity()
  await chat.admin.changeAccount(me, param('id', id), await body(accountBody))
})
