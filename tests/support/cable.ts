import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'

/** The way between a browser and a server, which can be cut: what is on it breaks, and nothing new comes through until it is mended. */
export interface Cable {
  /** The server's address at the browser's end, and its port. */
  url: string
  port: number
  cut: () => void
  /** Nothing comes back any more on connections that began with this word; they stay open. */
  hush: (word: string) => void
  mend: () => void
  close: () => Promise<void>
}

/** What is remembered of a connection, characters. */
const BEGINNING = 4_096

/** Lays a cable to a port of this machine. The browser's own offline mode does not break the sockets that it has. */
export async function layCable(port: number): Promise<Cable> {
  const ends = new Set<Socket>()
  const hushes = new Set<(word: string) => void>()
  let whole = true
  const cut = () => {
    whole = false
    for (const end of ends) end.destroy()
  }
  const entry = createServer((near) => {
    if (!whole) return near.destroy()
    const far = connect(port, '127.0.0.1')
    let said = ''
    near.on('data', (bytes) => { if (said.length < BEGINNING) said += bytes.toString('latin1') })
    const hush = (word: string) => { if (said.includes(word)) far.unpipe(near).resume() }
    hushes.add(hush)
    near.on('close', () => hushes.delete(hush))
    for (const [end, other] of [[near, far], [far, near]] as const) {
      ends.add(end)
      end.on('error', () => {}).on('close', () => {
        ends.delete(end)
        other.destroy()
      }).pipe(other)
    }
  }).listen(0, '127.0.0.1')
  await once(entry, 'listening')
  const { port: here } = entry.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${here}`, port: here, cut,
    hush: (word) => { for (const hush of hushes) hush(word) },
    mend() { whole = true },
    async close() {
      cut()
      entry.close()
      await once(entry, 'close')
    }
  }
}
