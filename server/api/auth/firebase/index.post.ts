import { firebaseBody } from '#shared/schemas'

/** By what Firebase gave the browser: a session here, like any other. Who is new here gets an account, where the site takes new ones. */
export default defineChatHandler(async ({ chat, viewer, body, address, agent, signIn }) => {
  const { token, remember, me } = await chat.accounts.enter(await body(firebaseBody), { address, agent, viewer })
  signIn(token, remember)
  return { me }
})
