/** By id, or by `~slug`. */
export default defineChatHandler(({ chat, viewer, param, address }) => chat.rooms.get(viewer, param('id', roomKey), { address }))
