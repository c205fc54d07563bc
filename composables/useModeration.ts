import type { Role } from '#shared/types'
import type { Participant } from './useMembers'

/** What who runs a room does with people in it. The events of it change the lists; here it is only asked for. */
export function useModeration(room: () => string) {
  const api = useApi()
  const text = useText().moderation.done
  const app = useText().app
  const { done, attempt } = useDone()
  const nameOf = (person: Participant) => person.name || app.deletedPerson
  const path = (person: Participant) => `/api/rooms/${room()}/members/${person.id}`

  const change = (person: Participant, body: { role: Role } | { muteSeconds: number }) => api(path(person), { method: 'PATCH', body: { ...body } })

  return {
    setRole: (person: Participant, role: 'moderator' | 'member') => attempt(() => change(person, { role }), text[role](nameOf(person))),
    mute: (person: Participant, muteSeconds: number) =>
      attempt(() => change(person, { muteSeconds }), muteSeconds === 0 ? text.unmuted(nameOf(person)) : text.muted(nameOf(person), app.span(muteSeconds))),
    /** The others throw what is wrong, for the dialog that asked. */
    async handOver(person: Participant): Promise<void> {
      await change(person, { role: 'owner' })
      done(text.owner(nameOf(person)))
    },
    async remove(person: Participant, ban: boolean): Promise<void> {
      await api(path(person), { method: 'DELETE', query: { ban } })
      done((ban ? text.banned : text.removed)(nameOf(person)))
    }
  }
}
