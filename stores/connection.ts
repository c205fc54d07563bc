import { defineStore } from 'pinia'
import { ref } from 'vue'
import type { ErrorBody } from '#shared/errors'

export type LineState = 'connecting' | 'open' | 'waiting' | 'stopped'

/** The state of the live line, for people to see. Written by the realtime wiring only. */
export const useConnectionStore = defineStore('connection', () => {
  const state = ref<LineState>('connecting')
  /** Why it is `stopped` for good, if it is. */
  const reason = ref<ErrorBody | null>(null)
  /** True after 2 s without a line: time to say so. */
  const visibleOffline = ref(false)
  /** Changes that no server has acknowledged, failed ones included. */
  const outboxCount = ref(0)
  return { state, reason, visibleOffline, outboxCount }
})
