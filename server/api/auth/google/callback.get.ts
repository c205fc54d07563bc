import { ChatError } from '#shared/errors'

/** Where Google sends people back to: signed in and on their way, or to the sign-in page, which says what went wrong. */
export default defineChatHandler(async ({ event, chat, config, viewer, address, agent, signIn, redirect }) => {
  if (!chat.google) throw new ChatError('not_found', 'Signing in with Google is not offered here.')
  try {
    const returned = new URL(event.path, ownOrigin(event.node.req, config.origins))
    const { token, remember, next } = await chat.google.finish(returned, takeFlow(event), { address, agent, viewer })
    signIn(token, remember)
    return redirect(next)
  } catch (error) {
    return redirect(signInAgain(error))
  }
})
