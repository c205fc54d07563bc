import type { Account } from '#shared/types'
import type { PagedList } from './usePaged'

/** What is asked about first, by its words in the texts. Of oneself it has other consequences. */
export type Asked = 'disableAsk' | 'adminAsk' | 'unmakeAsk' | 'unmakeMeAsk' | 'endMineAsk'

/** What an admin does with accounts: at once (`change`), or after a yes (`ask`, then `run`). The list follows. */
export function useAccounts(list: PagedList<Account>) {
  const text = useText().admin.people.done
  const api = useApi()
  const session = useSessionStore()
  const { done, attempt } = useDone()
  const origin = useRequestURL().origin
  const asking = shallowRef<{ kind: Asked, person: Account } | null>(null)
  const askingOpen = ref(false)
  /** A link for a new password, to be handed over; shown once. */
  const link = shallowRef<{ name: string, url: string } | null>(null)
  const linkOpen = ref(false)

  async function patch(person: Account, body: { admin: boolean } | { disabled: boolean }): Promise<void> {
    await api(`/api/admin/people/${person.id}`, { method: 'PATCH', body: { ...body } })
    list.put(person.id, { ...person, ...'admin' in body ? body : { disabledAt: body.disabled ? Date.now() : null } })
  }

  const endSessions = (person: Account) => api(`/api/admin/people/${person.id}/sessions`, { method: 'DELETE' })

  async function run(): Promise<void> {
    if (!asking.value) return
    const { kind, person } = asking.value
    switch (kind) {
      case 'disableAsk':
        await patch(person, { disabled: true })
        done(text.disabled(person.name))
        break
      case 'adminAsk':
        await patch(person, { admin: true })
        done(text.admin(person.name))
        break
      case 'unmakeAsk':
        await patch(person, { admin: false })
        done(text.member(person.name))
        break
      // What is left to see says enough: the pages of the administration close, or the sign-in page opens.
      case 'unmakeMeAsk':
        await patch(person, { admin: false })
        if (session.me) session.me.admin = false
        break
      case 'endMineAsk':
        await endSessions(person)
    }
  }

  async function makeLink(person: Account): Promise<void> {
    const { path } = await api<{ path: string }>(`/api/admin/people/${person.id}/reset-link`, { method: 'POST', body: {} })
    link.value = { name: person.name, url: origin + path }
    linkOpen.value = true
  }

  function change(person: Account, what: 'enable' | 'resetLink' | 'endSessions'): Promise<void> {
    switch (what) {
      case 'enable': return attempt(() => patch(person, { disabled: false }), text.enabled(person.name))
      case 'endSessions': return attempt(() => endSessions(person), text.ended(person.name))
      case 'resetLink': return attempt(() => makeLink(person))
    }
  }

  function ask(kind: Asked, person: Account): void {
    asking.value = { kind, person }
    askingOpen.value = true
  }

  return { asking, askingOpen, link, linkOpen, run, change, ask }
}
