import { id, joinBody } from '#shared/schemas'

/** Into a public room, or with its password into a private one. A public one needs no body. */
export default defineChatHandler(async ({ event, chat, identity, param, body, address }) => {
  const me = identity()
  const { headers } = event.node.req
  const empty = headers['transfer-encoding'] === undefined && Number(headers['content-length'] ?? 0) === 0
  return chat.rooms.join(me, param('id', id), empty ? {} : await body(joinBody), { address })
})
