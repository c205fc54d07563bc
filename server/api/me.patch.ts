import { renameBody } from '#shared/schemas'

export default defineChatHandler(async ({ chat, identity, body }) => {
  const person = identity()
  const { name } = await body(renameBody)
  await chat.accounts.rename(person, name)
  return { me: await chat.accounts.me(person) }
})
