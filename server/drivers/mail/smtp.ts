import { createTransport } from 'nodemailer'
import type { Mail, Mailer } from '../../core/mail'

interface SmtpOptions {
  /** `smtp://[user:password@]host[:port]`, or `smtps://`. */
  url: string
  /** An address, alone or as `Name <address>`. */
  from: string
  /** How long to wait before each further try after a passing failure, ms. */
  retries?: readonly number[]
}

/** Mails that may be under way at once; more means that the server is gone, or that we are being used to flood somebody. */
const MOST = 200
const CONNECTIONS = 2
const TIMEOUT = 15_000
/** How long mail under way may take when we stop, ms. */
const FAREWELL = 2_000

/** Mail by an SMTP server; by TLS where it offers that. */
export default function createSmtpMailer({ url, from, retries = [5_000, 60_000, 300_000] }: SmtpOptions): Mailer {
  const transport = createTransport({
    url, pool: true, maxConnections: CONNECTIONS, connectionTimeout: TIMEOUT, greetingTimeout: TIMEOUT, socketTimeout: 2 * TIMEOUT, disableFileAccess: true, disableUrlAccess: true
  }, { from })
  const underWay = new Set<Promise<void>>()
  const stopping = new AbortController()

  const send = async (mail: Mail) => {
    for (let tries = 0; ; tries++) {
      try {
        return void await transport.sendMail(mail)
      } catch (error) {
        const wait = retries[tries]
        if (wait === undefined || isFinal(error) || !await pause(wait, stopping.signal)) throw error
      }
    }
  }

  const work = async (write: () => Promise<Mail | null>) => {
    const mail = await write()
    if (mail) await send(mail)
  }

  return {
    post(write) {
      if (underWay.size >= MOST) return console.error(`[mail] ${MOST} mails are waiting; another was dropped`)
      const done: Promise<void> = new Promise<void>(resolve => setImmediate(resolve))
        .then(() => work(write))
        .catch(error => console.error(`[mail] a mail could not be sent: ${reasonOf(error)}`))
        .finally(() => underWay.delete(done))
      underWay.add(done)
    },

    async close() {
      stopping.abort()
      await Promise.race([Promise.all(underWay), pause(FAREWELL)])
      transport.close()
    }
  }
}

/** Whether the server has refused this mail for good (5xx); anything else may pass. */
const isFinal = (error: unknown) => typeof error === 'object' && error !== null && 'responseCode' in error && Number(error.responseCode) >= 500

/** What failed, by its codes: the words of a server may repeat whom the mail was for. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown'
  const { code, responseCode } = error as Error & { code?: unknown, responseCode?: unknown }
  return [code ?? error.name, responseCode].filter(Boolean).join(' ')
}

/** Waits; false when it was told not to any longer. */
const pause = (ms: number, signal?: AbortSignal) => new Promise<boolean>((resolve) => {
  if (signal?.aborted) return resolve(false)
  const timer = setTimeout(resolve, ms, true)
  timer.unref()
  signal?.addEventListener('abort', () => {
    clearTimeout(timer)
    resolve(false)
  }, { once: true })
})
