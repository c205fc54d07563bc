import { id } from '#shared/schemas'

/** For the admin to hand on; it works once, within 30 minutes. */
export default defineChatHandler(async ({ chat, identity, param }) => ({ path: `/reset/${await chat.admin.resetLink(identity(), param('id', id))}` }))
