import { id } from '#shared/schemas'

export default defineChatHandler(({ chat, identity, param }) => chat.rooms.join(identity(), param('id', id)))
