/** My e-mail address, and whether it is verified; null for an account without one. */
export default defineChatHandler(async ({ chat, identity }) => ({ address: await chat.accounts.address(identity()) }))
