import { expect, test } from '../support/browser'
import { composer, row, say, sent } from '../support/conversation'
import { startRedis } from '../support/redis'
import { api } from '../support/server'
import { en } from '../../locales/en'

const { message, moderation, room } = en

test('two instances, one kick: whoever is removed on one leaves the room on the other while they type', async ({ chatly }) => {
  const redis = await startRedis()
  try {
    const env = { REDIS_URL: redis.url }
    const { server: here, people } = await chatly.start({ people: ['Anna', 'Ben'], env })
    const there = await chatly.beside(here, env)
    const { id } = await (await api(here, people.Anna, 'POST', '/api/rooms', { name: 'Den', visibility: 'private' })).json() as { id: string }
    const { code } = await (await api(here, people.Anna, 'POST', `/api/rooms/${id}/invites`, { role: 'member' })).json() as { code: string }
    const join = () => api(there, people.Ben, 'POST', '/api/invites/accept', { code })
    expect((await join()).status).toBe(200)

    const anna = await chatly.open(here, people.Anna, '/rooms/den')
    const ben = await chatly.open(there, people.Ben, '/rooms/den')
    await say(anna, 'Said on one, read on the other', 'Den')
    await sent(ben, 'Said on one, read on the other')
    await composer(ben, 'Den').pressSequentially('I just wanted to sa')
    await expect(anna.getByText(message.typing(['Ben']))).toBeVisible()

    await anna.getByRole('button', { name: moderation.actions('Ben') }).click()
    await anna.getByRole('menuitem', { name: moderation.remove }).click()
    await anna.getByRole('dialog', { name: moderation.removeAsk.title('Ben') }).getByRole('button', { name: moderation.removeAsk.confirm }).click()
    await expect(ben.getByText(room.door.lost), 'the page leaves the room').toBeVisible()
    await expect(composer(ben, 'Den')).toHaveCount(0)
    await expect(row(ben, 'Said on one')).toHaveCount(0)
    await expect(ben.getByRole('textbox', { name: room.unsent }), 'and gives back what was being written').toHaveValue('I just wanted to sa')
    await expect(anna.getByText(room.notes.removed('Ben', 'Anna'))).toBeVisible()
    await expect(anna.getByRole('button', { name: moderation.actions('Ben') })).toHaveCount(0)
    await expect(anna.getByText(message.typing(['Ben']))).toHaveCount(0)

    await ben.reload()
    await expect(ben.getByText(room.door.lost), 'also after a reload').toBeVisible()
    await expect(ben.getByRole('textbox', { name: room.unsent })).toHaveValue('I just wanted to sa')
    expect((await join()).status).toBe(200)
    await ben.reload()
    await expect(composer(ben, 'Den'), 'it waits for them').toHaveValue('I just wanted to sa')
  } finally {
    await redis.stop()
  }
})
