import { signUpBody } from '#shared/schemas'

export default defineChatHandler(async ({ chat, viewer, body, address, agent, signIn }) => {
  const { token, remember, me } = await chat.accounts.signUp(await body(signUpBody), { address, agent, viewer })
  signIn(token, remember)
  return { me }
})
