import openFirestore from '../../server/drivers/storage/firestore'
import { change, freshNonce, post } from './storage'

/** A process that says something in a room every 60 ms, and reports what was acknowledged. Its arguments: project, room, author, its own name. */
export interface Acknowledged { seq: number, text: string }

const [projectId = '', room = '', author = '', name = ''] = process.argv.slice(2)
const storage = await openFirestore({ projectId })
const sending = new Set<Promise<void>>()
let n = 0

const timer = setInterval(() => {
  const text = `${name} ${n++}`
  const one = storage.append([change(room, author, [post(text)], { nonce: freshNonce() })]).then(([result]) => {
    if (result?.ok) process.send?.({ seq: result.seq, text } satisfies Acknowledged)
  }).finally(() => sending.delete(one))
  sending.add(one)
}, 60)

process.once('message', async () => {
  clearInterval(timer)
  await Promise.all(sending)
  await storage.close()
  process.exit(0)
})
