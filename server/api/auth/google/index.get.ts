import { ChatError } from '#shared/errors'
import { googleQuery } from '#shared/schemas'

/** Sends the browser to Google, and keeps in it what it must bring back. */
export default defineChatHandler(async ({ event, chat, config, query, address, redirect }) => {
  if (!chat.google) throw new ChatError('not_found', 'Signing in with Google is not offered here.')
  const callback = `${ownOrigin(event.node.req, config.origins)}/api/auth/google/callback`
  try {
    const { url, kept } = await chat.google.begin({ ...query(googleQuery), callback }, { address })
    putFlow(event, kept)
    return redirect(url)
  } catch (error) {
    return redirect(signInAgain(error))
  }
})
