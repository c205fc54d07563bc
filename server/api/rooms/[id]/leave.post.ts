import { id } from '#shared/schemas'

export default defineChatHandler(({ chat, identity, param }) => chat.rooms.leave(identity(), param('id', id)))
