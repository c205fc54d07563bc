import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import { sleep } from './person'

/** What a proxy does to what goes through it. */
interface Weather {
  /** Each piece is held for so long, ms. */
  delay: number
  /** Each piece travels as two, with a pause between them. */
  halves: boolean
  /** Nothing goes through; it is kept, and comes when this is over, as by TCP on a network that was away. */
  blackhole: boolean
  /** Bytes a second towards whoever connected; null: as fast as it goes. */
  rate: number | null
  /** New connections are broken at once. */
  closed: boolean
}

const fair: Weather = { delay: 0, halves: false, blackhole: false, rate: null, closed: false }
/** ms */
const HALF = 20
const LOOK = 25

/** A way to a TCP port of this machine that can be made bad. */
export interface Proxy {
  readonly port: number
  set: (weather: Partial<Weather>) => void
  /** Breaks all connections, all of a sudden. */
  cut: () => void
  heal: () => void
  close: () => Promise<void>
}

export async function openProxy(target: number): Promise<Proxy> {
  const ends = new Set<Socket>()
  let weather = fair

  async function carry(chunk: Buffer, to: Socket, back: boolean): Promise<void> {
    while (weather.blackhole && !to.destroyed) await sleep(LOOK)
    if (weather.delay > 0) await sleep(weather.delay)
    for (let at = 0; at < chunk.length && !to.destroyed;) {
      const size = back && weather.rate !== null ? Math.max(1, Math.round(weather.rate / 10)) : weather.halves && at === 0 ? Math.ceil(chunk.length / 2) : chunk.length
      const piece = chunk.subarray(at, at + size)
      if (!to.write(piece)) await Promise.race([once(to, 'drain'), once(to, 'close')]).catch(() => {})
      at += piece.length
      if (at < chunk.length || (back && weather.rate !== null)) await sleep(back && weather.rate !== null ? 100 : HALF)
    }
  }

  /** In order, one piece at a time; what is not taken yet waits in the kernel, and with its sender. */
  function pipe(from: Socket, to: Socket, back: boolean): void {
    let carried = Promise.resolve()
    from.on('data', (chunk: Buffer) => {
      from.pause()
      carried = carried.then(() => carry(chunk, to, back)).then(() => { from.resume() })
    })
    from.on('end', () => void carried.then(() => to.end()))
    from.on('error', () => to.destroy())
    from.on('close', () => {
      ends.delete(from)
      void carried.then(() => to.destroy())
    })
  }

  const entry = createServer({ allowHalfOpen: true, noDelay: true }, (near) => {
    if (weather.closed) return near.destroy()
    const far = connect({ port: target, host: '127.0.0.1', noDelay: true, allowHalfOpen: true })
    ends.add(near).add(far)
    pipe(near, far, false)
    pipe(far, near, true)
  }).listen({ port: 0, host: '127.0.0.1', backlog: 4_096 })
  await once(entry, 'listening')
  const { port } = entry.address() as AddressInfo

  const cut = () => { for (const end of ends) end.resetAndDestroy() }
  return {
    port, cut,
    set(change) { weather = { ...weather, ...change } },
    heal() { weather = fair },
    async close() {
      weather = fair
      cut()
      entry.close()
      await once(entry, 'close')
    }
  }
}
