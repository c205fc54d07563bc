import { ChatError } from '#shared/errors'
import type { SiteSettings } from '#shared/types'
import type { ChatOptions, Identity } from './chat'
import type { Ports } from './ports'

/** What holds for the whole site now. Read from storage at each use: what the admin changes holds at once, on every instance. */
export interface SiteOfChat {
  get: () => Promise<SiteSettings>
  /** Throws forbidden for all but admins. */
  update: (identity: Identity, settings: Partial<SiteSettings>) => Promise<SiteSettings>
}

/** `options` say what was not set. */
export function createSite({ storage, bus, clock }: Ports, { signup, public: open, guests }: ChatOptions): SiteOfChat {
  const get = async (): Promise<SiteSettings> => ({ signup, public: open, guests, ...await storage.settings() })

  return {
    get,
    async update(identity, settings) {
      if (!await storage.setSettings({ settings, by: identity.person.id, at: clock.now() })) throw notAnAdmin()
      bus.control({ kind: 'settings-changed' })
      return get()
    }
  }
}

export const notAnAdmin = () => new ChatError('forbidden', 'Only an admin of this site may do that.')
