import { firebaseSetUpBody } from '#shared/schemas'

/** The first account, kept by Firebase: the admin, and the room "Lobby" with it. From this machine no token is needed. */
export default defineChatHandler(async ({ chat, viewer, body, address, agent, loopback, signIn }) => {
  const { token, remember, me } = await chat.accounts.setUpByProof(await body(firebaseSetUpBody), { address, agent, viewer, loopback })
  signIn(token, remember)
  return { me }
})
