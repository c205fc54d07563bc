export default defineChatHandler(({ chat, identity }) => chat.accounts.sessions(identity()))
