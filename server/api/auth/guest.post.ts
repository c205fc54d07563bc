import { guestBody } from '#shared/schemas'

/** An invite and a name, and in. */
export default defineChatHandler(async ({ chat, viewer, body, address, agent, signIn }) => {
  const { token, remember, me, room } = await chat.accounts.arrive(await body(guestBody), { address, agent, viewer })
  signIn(token, remember)
  return { me, room }
})
