/** A ticket for the first frame of a socket; good for 30 seconds, once. */
export default defineChatHandler(async ({ chat, viewer, address }) => ({ ticket: await chat.tickets.issue(viewer, { address }) }))
