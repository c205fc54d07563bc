import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { SMTPServer } from 'smtp-server'

export interface Received { from: string, to: string[], /** Header lines and text, as they came. */ raw: string }

/** An SMTP server on this machine that keeps what it gets. */
export interface TestSmtp {
  url: string
  received: Received[]
  /** The next mail to this address that nobody has asked for yet. */
  next: (to: string) => Promise<Received>
  /** Says this to the next mails instead of taking them. */
  refuse: (status: number, times: number) => void
  refused: number
  close: () => Promise<void>
}

const WAIT_MS = 10_000

export async function startSmtp(): Promise<TestSmtp> {
  const seen = new Set<Received>()
  const listeners = new Set<() => void>()
  let refusal = { status: 0, times: 0 }

  const server = new SMTPServer({
    authOptional: true, disabledCommands: ['STARTTLS'], logger: false,
    onData(stream, session, done) {
      void text(stream).then((raw) => {
        if (refusal.times > 0) {
          refusal.times--
          smtp.refused++
          return done(Object.assign(new Error(`not now, ${session.envelope.rcptTo[0]?.address}`), { responseCode: refusal.status }))
        }
        const { mailFrom, rcptTo } = session.envelope
        smtp.received.push({ from: mailFrom ? mailFrom.address : '', to: rcptTo.map(({ address }) => address), raw: raw.replaceAll('=\r\n', '').replaceAll('=3D', '=') })
        done()
        for (const listen of [...listeners]) listen()
      })
    }
  })
  server.on('error', () => {})
  server.listen(0, '127.0.0.1')
  await once(server.server, 'listening')

  const smtp: TestSmtp = {
    url: `smtp://127.0.0.1:${(server.server.address() as AddressInfo).port}`,
    received: [], refused: 0,
    refuse(status, times) { refusal = { status, times } },
    next: to => new Promise((resolve, reject) => {
      const look = () => {
        const found = smtp.received.find(mail => mail.to.includes(to) && !seen.has(mail))
        if (!found) return
        seen.add(found)
        clearTimeout(timer)
        listeners.delete(look)
        resolve(found)
      }
      const timer = setTimeout(() => {
        listeners.delete(look)
        reject(new Error(`No mail to ${to} came; there were ${smtp.received.map(mail => mail.to.join()).join('; ')}`))
      }, WAIT_MS)
      listeners.add(look)
      look()
    }),
    close: () => new Promise(resolve => server.close(() => resolve()))
  }
  return smtp
}

/** The link in a mail that leads to this page. */
export const linkIn = ({ raw }: Received, page: string): string => new RegExp(`\\S+/${page}/\\S+`).exec(raw)?.[0] ?? ''
