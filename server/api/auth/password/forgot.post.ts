import { forgotBody } from '#shared/schemas'

/** Answers alike for known and unknown addresses. */
export default defineChatHandler(async ({ chat, body, address }) => {
  const { email } = await body(forgotBody)
  await chat.accounts.forgot(email, { address })
})
