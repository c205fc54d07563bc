import { resetBody } from '#shared/schemas'

export default defineChatHandler(async ({ chat, body }) => {
  const { token, password } = await body(resetBody)
  await chat.accounts.reset(token, password)
})
