/** By id, or by `~slug`. */
export default defineChatHandler(({ chat, viewer, param }) => chat.rooms.get(viewer, param('id', roomKey)))
