import { ErrorReply } from 'redis'
import { expect, it } from 'vitest'
import { explain } from '../../../server/drivers/redis/reasons'
import { addressOf } from '../../support/redis'

const password = `${'long  '.repeat(60)}word`
const address = addressOf(`redis://:${encodeURIComponent(password)}@127.0.0.1:6379`)

it.each([
  `ERR unknown command \`HELLO\`, with args beginning with: \`3\` \`AUTH\` \`default\` \`${password.slice(0, 128)}`,
  `ERR something of ${password} is wrong`
])('the password is in no line, also where it is cut, or has spaces: %#', (message) => {
  const { text } = explain(new ErrorReply(message), address, true)
  expect(text).not.toMatch(/long/)
  expect(text).not.toContain('\n')
})
