import { describe, expect, it } from 'vitest'
import { MirroredRoom } from '../../../server/drivers/coordination/redis/room'
import type { Change } from '../../../server/drivers/coordination/redis/scripts'

const change = (before: number, version: number, joined: string[], left: string[] = []): Change => ({ room: 'lobby', before, version, joined, left })
const loaded = (version: number, ...users: string[]) => {
  const room = new MirroredRoom()
  room.load(version, users)
  return room
}
const state = (room: MirroredRoom) => ({ users: [...room.users].sort(), hasHole: room.hasHole })

describe('a mirrored room', () => {
  it('ends with the same people in whatever order and however often the changes come', () => {
    const changes = [change(3, 4, ['bob']), change(4, 7, ['cem'], ['ann']), change(7, 8, ['ann'], ['bob'])]
    for (const order of [[0, 1, 2], [2, 1, 0], [1, 0, 2], [2, 0, 1, 0], [1, 2, 0, 1, 2]]) {
      const room = loaded(3, 'ann')
      for (const i of order) room.take(changes[i]!)
      expect(state(room)).toEqual({ users: ['ann', 'cem'], hasHole: false })
    }
  })

  it('waits for what is missing, and is right once it was read', () => {
    const room = loaded(3, 'ann')
    expect(room.take(change(5, 6, ['dan']))).toEqual([])
    expect(state(room)).toEqual({ users: ['ann'], hasHole: true })
    expect(room.isBehind(3)).toBe(true)
    expect(room.load(5, ['ann', 'bob'])).toBe(true)
    expect(state(room)).toEqual({ users: ['ann', 'bob', 'dan'], hasHole: false })
    expect(room.isBehind(6)).toBe(false)
    expect(room.isBehind(7)).toBe(true)
  })

  it('keeps changes that came before it was read', () => {
    const room = new MirroredRoom()
    expect(room.take(change(4, 5, ['bob']))).toEqual([])
    expect(room.isBehind(0)).toBe(true)
    room.load(4, ['ann'])
    expect(state(room)).toEqual({ users: ['ann', 'bob'], hasHole: false })
  })

  it('does not go back to a reading that changes have overtaken', () => {
    const room = loaded(3, 'ann')
    room.take(change(3, 4, ['bob']))
    expect(room.load(3, ['ann'])).toBe(false)
    expect(state(room).users).toEqual(['ann', 'bob'])
  })

  it('begins anew where there was nobody before, whatever it missed', () => {
    const room = loaded(3, 'ann', 'bob')
    expect(room.take(change(0, 9, ['cem'])).sort()).toEqual(['ann', 'bob', 'cem'])
    expect(state(room)).toEqual({ users: ['cem'], hasHole: false })
    expect(room.isBehind(0)).toBe(true)
    room.take(change(9, 10, [], ['cem']))
    expect(room.isBehind(0)).toBe(false)
    room.take(change(0, 12, ['dan']))
    expect(state(room)).toEqual({ users: ['dan'], hasHole: false })
  })

  it('knows nothing any more after a restart, and does not remember without end', () => {
    const room = loaded(3, 'ann')
    room.restart()
    expect(room.isBehind(3)).toBe(true)
    for (let i = 0; i < 1000; i++) room.take(change(100 + i, 101 + i, [`person${i}`]))
    room.load(1000, ['bob'])
    expect(room.users.size).toBeLessThan(1000)
    expect(room.load(1100, ['cem'])).toBe(true)
    expect(state(room)).toEqual({ users: ['cem'], hasHole: false })
  })
})
