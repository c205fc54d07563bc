import { id } from '#shared/schemas'

export default defineChatHandler(({ chat, identity, param }) => chat.invites.list(identity(), param('id', id)))
