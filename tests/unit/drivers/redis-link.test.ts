import { expect, it, onTestFinished, vi } from 'vitest'
import { openLines } from '../../../server/drivers/redis/connect'
import openRedis from '../../../server/drivers/redis/link'
import { addressOf } from '../../support/redis'

vi.mock('../../../server/drivers/redis/connect')

const turn = () => new Promise(resolve => setImmediate(resolve))

it('does not end in Redis what Redis has not confirmed yet: what is taken again meanwhile would go with it', async () => {
  const said: string[] = []
  let confirm = () => {}
  let deliver: (channel: string, payload: Buffer) => void = () => {}
  vi.mocked(openLines).mockImplementation(async (options) => {
    ({ deliver } = options)
    return {
      sendCommand: () => Promise.resolve(null),
      publish: async (channel, payload) => deliver(channel, payload),
      subscribe: (channels) => {
        if (!channels.includes('room')) return Promise.resolve()
        said.push('subscribe')
        return new Promise<void>((resolve) => { confirm = resolve })
      },
      unsubscribe: async channel => said.push(`unsubscribe ${channel}`),
      destroy: () => {}
    }
  })
  const link = openRedis({ address: addressOf('redis://127.0.0.1') })
  onTestFinished(link.close)
  await new Promise<void>(link.onUp)
  const heard: string[] = []
  const first = link.subscribe('room', () => heard.push('first'))
  first.end()
  const second = link.subscribe('room', () => heard.push('second'))
  await turn()
  expect(said).toEqual(['subscribe'])
  confirm()
  await Promise.all([first.confirmed, second.confirmed])
  deliver('room', Buffer.from('hi'))
  expect([heard, said]).toEqual([['second'], ['subscribe']])
  second.end()
  second.end()
  expect(said).toEqual(['subscribe', 'unsubscribe room'])
})
