import { id } from '#shared/schemas'

/** An admin comes in, and everybody there sees it. */
export default defineChatHandler(({ chat, identity, param }) => chat.moderation.joinAsAdmin(identity(), param('id', id)))
