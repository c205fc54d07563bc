import { limits } from '#shared/limits'
import { messageText } from '#shared/schemas'

/** So many characters before the limit the counter appears. */
const countBelow = 200

/** What the composer does: a draft per room, answering and changing messages, sending. Nothing that was typed is lost by a refusal. */
export function useComposer(conversation: Conversation) {
  const { room, timeline, replying, editing, change, paceLeft, canEdit, isMine } = conversation
  const messages = useMessagesStore()
  const draft = useDraft(() => room.value.id)
  const { text: typed = '' } = typedBefore()
  const words = useText().composer
  const error = ref('')

  const text = computed({
    // While a message is being changed the draft waits.
    get: () => editing.value ? change.text : draft.value,
    set: (value) => {
      error.value = ''
      if (editing.value) {
        change.text = value
      } else {
        draft.value = value
        if (value !== '') messages.typing(room.value.id)
      }
    }
  })
  const left = computed(() => limits.textCodePoints - [...text.value].length)
  const nearLimit = computed(() => left.value < countBelow)
  /** Slow mode says how fast one may write, not how fast one may change what is written. */
  const waits = computed(() => paceLeft.value > 0 && !editing.value)
  const canSend = computed(() => text.value.trim() !== '' && left.value >= 0 && !waits.value)

  onMounted(() => { if (typed && typed !== draft.value) draft.value = [draft.value, typed].filter(Boolean).join('\n') })
  watch(editing, () => { error.value = '' }, { flush: 'sync' })
  watch(() => room.value.id, cancel)
  const rowOf = (message: typeof editing.value) => message && timeline.value.rows.find(row => row.id === message.id)
  watch(() => rowOf(editing.value)?.deletedAt, (deleted) => {
    if (!deleted) return
    const { text: lost, was } = change
    cancel()
    error.value = words.editedIsGone
    if (lost !== was) keep(lost)
  })

  // Also what was deleted while one could not write.
  watch(() => rowOf(replying.value)?.deletedAt, (deleted) => {
    if (!deleted) return
    replying.value = null
    error.value = words.answeredIsGone
  }, { immediate: true })

  /** Stops answering or changing. */
  function cancel(): void {
    replying.value = null
    editing.value = null
  }

  /** Starts changing my last message that can be changed. */
  function editLast(): void {
    const last = timeline.value.rows.findLast(row => isMine(row) && canEdit(row))
    if (last) conversation.edit(last)
  }

  /** Sends or saves; true when there was something to send. */
  async function submit(): Promise<boolean> {
    if (!canSend.value) return false
    const parsed = messageText.safeParse(text.value)
    if (!parsed.success) {
      error.value = parsed.error.issues[0]?.message ?? ''
      return false
    }
    const { id } = room.value
    const [changed, answered] = [editing.value, replying.value]
    if (!changed) draft.value = ''
    cancel()
    try {
      if (changed) {
        if (parsed.data !== changed.text) await messages.edit(id, changed.id, parsed.data)
      } else {
        await messages.send(id, parsed.data, answered?.id)
      }
      return true
    } catch (cause) {
      giveBack(parsed.data, changed, answered)
      error.value = errorText(cause)
      return false
    }
  }

  /** Puts a text that was not taken back into the composer, before anything typed since. */
  function giveBack(lost: string, changed: typeof editing.value, answered: typeof replying.value): void {
    if (changed) {
      conversation.edit(changed)
      change.text = lost
    } else {
      keep(lost)
      replying.value ??= answered
    }
  }

  function keep(lost: string): void { draft.value = draft.value === '' ? lost : `${lost}\n${draft.value}` }

  return { text, left, nearLimit, waits, canSend, error, cancel, editLast, submit }
}
