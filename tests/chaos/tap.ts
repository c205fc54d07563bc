import { z } from 'zod'
import type { Line, LineHandlers } from '~/composables/useSocket'
import type { Log } from './log'

const asked = z.object({ type: z.literal('subscribe'), id: z.number(), room: z.string() })
const answered = z.object({ type: z.literal('ok'), id: z.number(), head: z.object({ seq: z.number() }) })
const event = z.object({ type: z.literal('event'), room: z.string(), seq: z.number() })

/** Listens on a device's lines and notes, in their true order, what the rules must know of the frames themselves. */
export function createTap(log: Log, device: string, person: string) {
  let count = 0

  return (connect: (handlers: LineHandlers) => Line) => (handlers: LineHandlers): Line => {
    const line = ++count
    const rooms = new Map<number, string>()
    let open = false
    const lost = () => {
      if (open) log.add({ what: 'line', device, person, line, state: 'lost' })
      open = false
    }

    const sent = (text: string) => {
      const frame = asked.safeParse(JSON.parse(text)).data
      if (!frame) return
      rooms.set(frame.id, frame.room)
      log.add({ what: 'subscribe', device, person, room: frame.room, line, request: frame.id })
    }
    const heard = (text: unknown) => {
      const body: unknown = JSON.parse(String(text))
      const [came, ok] = [event.safeParse(body).data, answered.safeParse(body).data]
      if (came) log.add({ what: 'received', device, person, room: came.room, line, seq: came.seq })
      const room = ok && rooms.get(ok.id)
      if (ok && room) log.add({ what: 'subscribed', device, person, room, line, request: ok.id, head: ok.head.seq })
    }

    const inner = connect({
      open() {
        open = true
        log.add({ what: 'line', device, person, line, state: 'open' })
        handlers.open()
      },
      message(data) {
        if (!open) return
        heard(data)
        handlers.message(data)
      },
      close(code) {
        lost()
        handlers.close(code)
      }
    })
    return {
      send(text) {
        sent(text)
        inner.send(text)
      },
      close() {
        lost()
        inner.close()
      }
    }
  }
}
