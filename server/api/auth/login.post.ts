import { logInBody } from '#shared/schemas'

export default defineChatHandler(async ({ chat, body, address, agent, signIn }) => {
  const { token, remember, me } = await chat.accounts.logIn(await body(logInBody), { address, agent })
  signIn(token, remember)
  return { me }
})
