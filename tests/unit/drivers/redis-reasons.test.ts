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

it.each([
  ['ERR_TLS_CERT_ALTNAME_INVALID', /for another name than that of the host in REDIS_URL$/],
  ['CERT_HAS_EXPIRED', /has expired$/],
  ['CERT_NOT_YET_VALID', /not valid yet/],
  ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', /not trusted \(UNABLE_TO_VERIFY_LEAF_SIGNATURE\); NODE_EXTRA_CA_CERTS names/]
])('what is said of a certificate helps: %s', (code, what) => {
  expect(explain(Object.assign(new Error('no'), { code }), address, true)).toEqual({ text: expect.stringMatching(what) as unknown, settings: true })
})

it('a command that only a newer Redis knows is also one of those that a cluster needs', () => {
  expect(explain(new ErrorReply('ERR unknown command `SSUBSCRIBE`, with args beginning with: `chatly:canary`'), address, true).text).toMatch(/6 or newer, a Redis Cluster 7/)
})
