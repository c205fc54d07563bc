import type { OutboxStore } from './outbox-store'

/** Milliseconds: a lease, and how often it is renewed or tried for. A tab in the background gets a timer once a second. */
export const leaseRules = { holds: 6_000, renew: 2_000 } as const

export interface LeaderOptions {
  store: OutboxStore
  user: string
  /** Names this tab. */
  tab: string
  onChange: () => void
  now: () => number
  /** Missing on plain HTTP from another device: then the lease in the store decides. */
  locks?: Pick<LockManager, 'request'>
}

export interface Leader {
  /** Whether this tab is the one that sends. */
  readonly leads: boolean
  /** Becomes the leader whatever the others say: one that sleeps must not keep a message from going out. Two at once are harmless: nonces are unique. */
  take: () => void
  stop: () => void
}

/** One tab of all that share an outbox leads. */
export function createLeader(options: LeaderOptions): Leader {
  if (!options.store.shared) {
    queueMicrotask(options.onChange)
    return { leads: true, take() {}, stop() {} }
  }
  return options.locks ? lockLeader(options, options.locks) : leaseLeader(options)
}

function lockLeader({ user, onChange }: LeaderOptions, locks: Pick<LockManager, 'request'>): Leader {
  let current = new AbortController()
  let leads = false
  let stopped = false
  let end = () => {}

  const become = (value: boolean) => {
    leads = value
    onChange()
  }

  async function wait(steal: boolean): Promise<void> {
    const mine = current = new AbortController()
    try {
      await locks.request(`chatly outbox ${user}`, steal ? { steal } : { signal: mine.signal }, () => new Promise<void>((resolve) => {
        if (stopped || mine !== current) return resolve()
        end = resolve
        become(true)
      }))
    } catch (error) {
      if (stopped || mine !== current) return
      // Another tab took the lock: wait for it again. Where locks are forbidden, every tab sends.
      if (!(error instanceof DOMException) || error.name !== 'AbortError') return become(true)
      if (leads) become(false)
      void wait(false)
    }
  }

  void wait(false)
  return {
    get leads() { return leads },
    take() {
      if (leads) return
      const old = current
      void wait(true)
      old.abort()
    },
    stop() {
      stopped = true
      leads = false
      current.abort()
      end()
    }
  }
}

function leaseLeader({ store, user, tab, onChange, now }: LeaderOptions): Leader {
  let until = 0
  let stopped = false

  async function attempt(force = false): Promise<void> {
    const end = now() + leaseRules.holds
    const had = until > now()
    const mine = await store.lease(user, tab, now(), end, force)
    if (stopped) return mine ? store.release(user, tab) : undefined
    until = mine ? end : 0
    if (mine !== had) onChange()
  }

  const failed = (error: unknown) => console.warn('The outbox could not be reached.', error)
  const timer = setInterval(() => void attempt().catch(failed), leaseRules.renew)
  void attempt().catch(failed)
  return {
    get leads() { return !stopped && until > now() },
    take: () => void attempt(true).catch(failed),
    stop() {
      stopped = true
      clearInterval(timer)
      store.release(user, tab).catch(failed)
    }
  }
}
