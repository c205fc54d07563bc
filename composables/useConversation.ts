import type { InjectionKey } from 'vue'
import type { RoomSummary } from '#shared/types'
import type { SettingsPart } from '~/composables/useRoomSettings'
import type { Row } from '~/utils/timeline-types'

/** How long a message that was jumped to stays marked, in milliseconds. */
const markedMs = 2_000

function createConversation(room: () => RoomSummary) {
  const { me } = storeToRefs(useSessionStore())
  const messages = useMessagesStore()
  const presence = usePresenceStore()
  const members = useMembersStore()
  const text = useText()
  const toast = useToast()

  const timeline = computed(() => messages.timeline(room().id))
  /** The message that the composer answers, or changes. At most one of them is set. */
  const replying = shallowRef<Row | null>(null)
  const editing = shallowRef<Row | null>(null)
  /** The text of the one that is being changed, and as it was. It outlives the composer, which goes where one may not write. */
  const change = reactive({ text: '', was: '' })
  /** The message whose deletion waits for a yes, and the one whose actions are shown from below (phone). */
  const erasing = shallowRef<Row | null>(null)
  const acting = shallowRef<Row | null>(null)
  /** The message that is about to be reported. */
  const reporting = shallowRef<Row | null>(null)
  /** The part of the room's settings that is open. */
  const settings = ref<SettingsPart | null>(null)
  /** Key of the row that was jumped to a moment ago. */
  const marked = ref<string | null>(null)
  /** A menu of the row under the pointer is open: the row stays the active one. */
  const pinned = ref(false)
  const zone = useTimeZone()
  let unmark: ReturnType<typeof setTimeout> | undefined

  const { canModerate } = useRoomRights(room)
  const { silence, paceLeft, muteLeft } = useSpeaking(room, () => timeline.value.rows)
  const canWrite = computed(() => silence.value === null)
  const isMine = (row: Row) => row.author === me.value?.id
  /** Whether the server knows this message: only then others can do something with it. */
  const isThere = (row: Row) => Number.isFinite(row.seq) && row.deletedAt === null
  const canAct = (row: Row) => canWrite.value && isThere(row)
  const canEdit = (row: Row) => canAct(row) && isMine(row)
  const canErase = (row: Row) => me.value !== null && isThere(row) && (isMine(row) || canModerate.value)
  const canReport = (row: Row) => me.value !== null && isThere(row) && !isMine(row)

  /** A name to show: never empty. One that is not here yet comes by itself. */
  const nameOf = (id: string) => presence.name(id) || (presence.people[id] ? text.app.deletedPerson : '…')

  const roles = computed(() => new Map(members.known(room().id).map(({ id, role }) => [id, role])))
  /** As far as it is known: the list of people is not loaded for it. */
  const roleOf = (id: string) => roles.value.get(id)

  function mark(key: string): void {
    clearTimeout(unmark)
    marked.value = key
    unmark = setTimeout(() => marked.value = null, markedMs)
  }
  onScopeDispose(() => clearTimeout(unmark))

  /** Runs what a button asks for. A refusal that concerns a row shows on the row; anything else is said here. */
  async function attempt(action: () => unknown): Promise<boolean> {
    try {
      await action()
      return true
    } catch (error) {
      toast.add({ title: text.room.failed, description: errorText(error), color: 'error', icon: 'i-lucide-circle-alert' })
      return false
    }
  }

  return {
    ...useRoomLink(room),
    room: computed(room), me, timeline, replying, editing, change, erasing, acting, reporting, settings, marked, pinned, zone,
    canWrite, canAct, canEdit, canErase, canReport, silence, paceLeft, muteLeft, isMine, isThere, nameOf, roleOf, mark, attempt,
    reply(row: Row) {
      editing.value = null
      replying.value = row
    },
    edit(row: Row) {
      replying.value = null
      if (editing.value?.id !== row.id) Object.assign(change, { text: row.text, was: row.text })
      editing.value = row
    },
    react: (row: Row, emoji: string) => attempt(() =>
      messages.react(room().id, row.id, emoji, !row.reactions.some(reaction => reaction.emoji === emoji && reaction.mine))),
    copy: (row: Row) => attempt(async () => {
      await copyText(row.text)
      toast.add({ title: text.message.copied, icon: 'i-lucide-check', duration: 2_000 })
    })
  }
}

/** One conversation on the screen: what its parts (list, rows, composer, dialogs) share. */
export type Conversation = ReturnType<typeof createConversation>

const key: InjectionKey<Conversation> = Symbol('conversation')

/** Makes the conversation of a room and hands it to all components below. */
export function provideConversation(room: () => RoomSummary): Conversation {
  const conversation = createConversation(room)
  provide(key, conversation)
  return conversation
}

/** The conversation that this component is part of. */
export function useConversation(): Conversation {
  const conversation = inject(key)
  if (!conversation) throw new Error('useConversation needs provideConversation in a component above')
  return conversation
}
