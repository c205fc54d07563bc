import { logInBody } from '#shared/schemas'

export default defineChatHandler(async ({ chat, viewer, body, address, agent, signIn }) => {
  const { token, remember, me } = await chat.accounts.logIn(await body(logInBody), { address, agent, viewer })
  signIn(token, remember)
  return { me }
})
