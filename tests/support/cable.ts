import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'

/** The way between a browser and a server, which can be cut: what is on it breaks, and nothing new comes through until it is mended. */
export interface Cable {
  /** The server's address at the browser's end. */
  url: string
  cut: () => void
  mend: () => void
  close: () => Promise<void>
}

/** Lays a cable to a port of this machine. The browser's own offline mode does not break the sockets that it has. */
export async function layCable(port: number): Promise<Cable> {
  const ends = new Set<Socket>()
  let whole = true
  const cut = () => {
    whole = false
    for (const end of ends) end.destroy()
  }
  const entry = createServer((near) => {
    if (!whole) return near.destroy()
    const far = connect(port, '127.0.0.1')
    for (const [end, other] of [[near, far], [far, near]] as const) {
      ends.add(end)
      end.on('error', () => {}).on('close', () => {
        ends.delete(end)
        other.destroy()
      }).pipe(other)
    }
  }).listen(0, '127.0.0.1')
  await once(entry, 'listening')
  return {
    url: `http://127.0.0.1:${(entry.address() as AddressInfo).port}`,
    cut,
    mend() { whole = true },
    async close() {
      cut()
      entry.close()
      await once(entry, 'close')
    }
  }
}
