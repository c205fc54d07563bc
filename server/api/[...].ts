import { ChatError } from '#shared/errors'

export default defineChatHandler(() => {
  throw new ChatError('not_found', 'There is no such address.')
})
