import { inviteBody } from '#shared/schemas'

/** For whoever has the link, signed in or not. The code travels in the body: addresses end up in logs. */
export default defineChatHandler(async ({ chat, viewer, body, address }) => chat.invites.preview(viewer, (await body(inviteBody)).code, address))
