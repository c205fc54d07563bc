import type { InjectionKey } from 'vue'
import type { RoomSummary } from '#shared/types'
import { useChoice } from './useChoice'

export type SettingsPart = 'general' | 'access' | 'conversation' | 'invites' | 'bans' | 'reports' | 'history'

function createRoomSettings(room: () => RoomSummary) {
  return {
    general: useChoice(() => ({ name: room().name, topic: room().topic }), { typed: true }),
    access: useChoice(() => ({ visibility: room().visibility, listed: room().listed, guests: room().guests })),
    conversation: useChoice(() => ({ closed: room().closedAt !== null, slowModeSeconds: room().slowModeSeconds })),
    /** The new one, while it is typed. */
    password: reactive({ password: '' }),
    /** The invite that was made last, with its link: no server tells it again. */
    made: shallowRef<{ id: string, link: string } | null>(null)
  }
}

type RoomSettings = ReturnType<typeof createRoomSettings>

const key: InjectionKey<RoomSettings> = Symbol('room settings')

/** What is typed and shown in a room's settings, for the parts below. It outlives their tabs and the dialog, which are easily left by accident. */
export function provideRoomSettings(room: () => RoomSummary): RoomSettings {
  const settings = createRoomSettings(room)
  provide(key, settings)
  return settings
}

export function useRoomSettings(): RoomSettings {
  const settings = inject(key)
  if (!settings) throw new Error('useRoomSettings needs provideRoomSettings in a component above')
  return settings
}
