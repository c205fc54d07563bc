import { expect, it } from 'vitest'
import { nextTick, ref } from 'vue'
import { useChoice } from '../../../composables/useChoice'

const room = ref({ name: 'Den', seq: 1, closed: false, guests: true })
const begin = () => {
  room.value = { name: 'Den', seq: 1, closed: false, guests: true }
  return useChoice(() => ({ closed: room.value.closed, guests: room.value.guests }))
}

it('is what holds until somebody chooses, and says whether it is something else', () => {
  const { state, changed } = begin()
  expect([state, changed.value]).toEqual([{ closed: false, guests: true }, false])
  state.closed = true
  expect(changed.value).toBe(true)
  state.closed = false
  expect(changed.value).toBe(false)
})

it('outlives news of the room that change nothing of it', async () => {
  const { state, changed } = begin()
  state.closed = true
  room.value = { ...room.value, seq: 2 }
  await nextTick()
  expect([state.closed, changed.value]).toEqual([true, true])
})

it('gives way to what another has chosen meanwhile, and is nothing to save once it holds', async () => {
  const { state, changed } = begin()
  state.closed = true
  room.value = { ...room.value, guests: false }
  await nextTick()
  expect([state, changed.value]).toEqual([{ closed: false, guests: false }, false])
  state.closed = true
  room.value = { ...room.value, closed: true }
  await nextTick()
  expect([state, changed.value]).toEqual([{ closed: true, guests: false }, false])
})

it('of what is typed keeps what somebody touched, and can be given up', async () => {
  room.value = { name: 'Den', seq: 1, closed: false, guests: true }
  const { state, changed, undo } = useChoice(() => ({ name: room.value.name, guests: room.value.guests }), { typed: true })
  state.name = 'A long new na'
  room.value = { ...room.value, guests: false }
  await nextTick()
  expect(state).toEqual({ name: 'A long new na', guests: false })
  room.value = { ...room.value, name: 'Named by another' }
  await nextTick()
  expect([state.name, changed.value]).toEqual(['A long new na', true])
  undo()
  expect([state.name, changed.value]).toEqual(['Named by another', false])
})

it('leaves alone what it was begun with, also where that is followed by others', () => {
  const site = ref({ signup: 'open' })
  const { state, changed } = useChoice(() => site.value)
  state.signup = 'closed'
  expect([site.value, changed.value]).toEqual([{ signup: 'open' }, true])
})
