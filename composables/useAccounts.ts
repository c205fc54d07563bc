import type { Account } from '#shared/types'
import type { PagedList } from './usePaged'

/** What an admin does with accounts: at once (`change`), or after a yes (`ask`, then `run`). The list follows. */
export function useAccounts(list: PagedList<Account>) {
  const text = useText().admin.people.done
  const api = useApi()
  const { done, attempt } = useDone()
  const origin = useRequestURL().origin
  const asking = shallowRef<{ kind: 'disableAsk' | 'adminAsk', person: Account } | null>(null)
  const askingOpen = ref(false)
  /** A link for a new password, to be handed over; shown once. */
  const link = shallowRef<{ name: string, url: string } | null>(null)
  const linkOpen = ref(false)

  async function patch(person: Account, body: { admin: boolean } | { disabled: boolean }): Promise<void> {
    await api(`/api/admin/people/${person.id}`, { method: 'PATCH', body: { ...body } })
    list.put(person.id, { ...person, ...'admin' in body ? body : { disabledAt: body.disabled ? Date.now() : null } })
  }

  async function run(): Promise<void> {
    if (!asking.value) return
    const { kind, person } = asking.value
    if (kind === 'disableAsk') await patch(person, { disabled: true })
    else await patch(person, { admin: true })
    done((kind === 'disableAsk' ? text.disabled : text.admin)(person.name))
  }

  async function makeLink(person: Account): Promise<void> {
    const { path } = await api<{ path: string }>(`/api/admin/people/${person.id}/reset-link`, { method: 'POST', body: {} })
    link.value = { name: person.name, url: origin + path }
    linkOpen.value = true
  }

  function change(person: Account, what: 'unmakeAdmin' | 'enable' | 'resetLink' | 'endSessions'): Promise<void> {
    switch (what) {
      case 'unmakeAdmin': return attempt(() => patch(person, { admin: false }), text.member(person.name))
      case 'enable': return attempt(() => patch(person, { disabled: false }), text.enabled(person.name))
      case 'endSessions': return attempt(() => api(`/api/admin/people/${person.id}/sessions`, { method: 'DELETE' }), text.ended(person.name))
      case 'resetLink': return attempt(() => makeLink(person))
    }
  }

  function ask(kind: 'disableAsk' | 'adminAsk', person: Account): void {
    asking.value = { kind, person }
    askingOpen.value = true
  }

  return { asking, askingOpen, link, linkOpen, run, change, ask }
}
