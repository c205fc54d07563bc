import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { PresenceChange } from '../../../server/core/ports'
import { createPresence, type Presence } from '../../../server/drivers/coordination/presence'

describe('versions of who is in a room', () => {
  let told: PresenceChange[]
  let presence: Presence
  beforeEach(() => {
    vi.useFakeTimers()
    told = []
    presence = createPresence(change => told.push(change))
  })
  afterEach(() => { vi.useRealTimers() })

  const pass = () => vi.advanceTimersByTime(250)
  const visit = (room: string) => {
    presence.come(room, 'ann')
    pass()
    presence.go(room, 'ann')
    pass()
  }
  const versionsOf = (room: string) => told.filter(change => change.room === room).map(({ version }) => version)

  it('never come twice, whatever was forgotten between', () => {
    visit('lobby')
    for (let n = 0; n < 5; n++) visit('attic')
    visit('lobby')
    expect(versionsOf('lobby')).toEqual([1, 2, 13, 14])
    presence.come('lobby', 'ann')
    presence.forget('lobby')
    pass()
    visit('lobby')
    const versions = versionsOf('lobby')
    expect(versions).toEqual([...new Set(versions)].sort((a, b) => a - b))
  })

  it('of an empty room, as a newcomer is told it, are the ones that the next change follows', () => {
    visit('lobby')
    visit('attic')
    const { version } = presence.online('lobby')
    visit('lobby')
    expect(versionsOf('lobby').slice(2)).toEqual([version + 1, version + 2])
  })

  it('bring whoever began with a snapshot of untold changes to what is so, also where a change was taken back', () => {
    for (const user of ['ann', 'bob']) presence.come('lobby', user)
    pass()
    presence.go('lobby', 'bob')
    presence.come('lobby', 'cat')
    const seen = presence.online('lobby')
    expect(seen.users).toEqual(['ann', 'cat'])
    presence.come('lobby', 'bob')
    presence.go('lobby', 'cat')
    pass()
    expect(told.at(-1)).toEqual({ room: 'lobby', version: seen.version + 1, online: 2, joined: ['bob'], left: ['cat'] })
  })

  it('say nothing of what was taken back once a snapshot is told', () => {
    presence.come('lobby', 'ann')
    presence.online('lobby')
    pass()
    presence.come('lobby', 'bob')
    presence.go('lobby', 'bob')
    pass()
    expect(versionsOf('lobby')).toEqual([1])
  })

  it('go on while somebody is there', () => {
    presence.come('lobby', 'bob')
    pass()
    visit('attic')
    visit('lobby')
    expect(versionsOf('lobby')).toEqual([1, 2, 3])
  })
})
