import type { Role, RoomSummary } from '#shared/types'

const ranks: Record<Role, number> = { owner: 4, moderator: 2, member: 1, guest: 1 }
const adminRank = 3

/** What the reader may do in a room, as far as can be known here: the server decides. */
export function useRoomRights(room: () => RoomSummary) {
  const session = useSessionStore()
  const canManage = computed(() => session.me?.admin === true || room().role === 'owner')
  const canModerate = computed(() => canManage.value || room().role === 'moderator')
  const takesNewcomers = computed(() => room().archivedAt === null)
  const canInvite = computed(() => canModerate.value && takesNewcomers.value)
  /** Of one who reads a public room without being in it. */
  const canJoin = computed(() => session.isMember && room().role === null && takesNewcomers.value)
  const rank = computed(() => {
    const { role } = room()
    return Math.max(role === null ? 0 : ranks[role], session.me?.admin ? adminRank : 0)
  })
  /** Whether they stand below the reader. */
  const outranks = (person: { id: string, role: Role | null }) =>
    canModerate.value && person.id !== session.me?.id && rank.value > (person.role === null ? 0 : ranks[person.role])
  return { canManage, canModerate, canInvite, canJoin, outranks }
}
