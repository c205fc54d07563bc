import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Coordination, PresenceChange } from '../../server/core/ports'

/** What every coordination must do, within one process. */
export function describeCoordination(name: string, open: () => Coordination | Promise<Coordination>): void {
  describe(`coordination: ${name}`, () => {
    let coordination: Coordination
    beforeEach(async () => { coordination = await open() })
    afterEach(() => coordination.close())

    it('accepts a mark once among 100 at the same time', async () => {
      const accepted = await Promise.all(Array.from({ length: 100 }, () => coordination.once('mark', 10_000)))
      expect(accepted.filter(Boolean)).toHaveLength(1)
      expect(await coordination.once('mark', 10_000)).toBe(false)
      expect(await coordination.once('another', 10_000)).toBe(true)
    })

    it('accepts a mark again once its time is over', async () => {
      expect(await coordination.once('short', 20)).toBe(true)
      await expect.poll(() => coordination.once('short', 20), { interval: 5 }).toBe(true)
    })

    it('gives the points of a rate, then the wait in milliseconds', async () => {
      const rate = { points: 3, seconds: 10 }
      const waits = [await coordination.take('ann', rate), await coordination.take('ann', rate), await coordination.take('ann', rate)]
      expect(waits).toEqual([0, 0, 0])
      const wait = await coordination.take('ann', rate)
      expect(wait).toBeGreaterThan(0)
      expect(wait).toBeLessThanOrEqual(10_000)
      expect(await coordination.take('bob', rate)).toBe(0)
    })

    it('knows a rate by its value, and never gives more than its points to takers at the same time', async () => {
      const waits = await Promise.all(Array.from({ length: 20 }, () => coordination.take('ann', { points: 5, seconds: 10 })))
      expect(waits.filter(wait => wait === 0)).toHaveLength(5)
    })

    it('gives points again after the window', async () => {
      const rate = { points: 1, seconds: 1 }
      expect(await coordination.take('ann', rate)).toBe(0)
      expect(await coordination.take('ann', rate)).toBeGreaterThan(0)
      await expect.poll(() => coordination.take('ann', rate), { interval: 100, timeout: 5_000 }).toBe(0)
    })

    it('forgets the points of one key', async () => {
      const rate = { points: 1, seconds: 10 }
      await coordination.take('ann', rate)
      await coordination.take('bob', rate)
      await coordination.forget('ann')
      expect(await coordination.take('ann', rate)).toBe(0)
      expect(await coordination.take('bob', rate)).toBeGreaterThan(0)
    })

    it('gives one point back, to that key and that rate alone', async () => {
      const [rate, other] = [{ points: 2, seconds: 10 }, { points: 1, seconds: 20 }]
      for (const key of ['ann', 'bob']) expect([await coordination.take(key, rate), await coordination.take(key, rate)]).toEqual([0, 0])
      await coordination.take('ann', other)
      await coordination.giveBack('ann', rate)
      expect([await coordination.take('ann', rate), await coordination.take('ann', rate) > 0]).toEqual([0, true])
      expect([await coordination.take('bob', rate) > 0, await coordination.take('ann', other) > 0]).toEqual([true, true])
    })

    it('gives back no more points than were taken, also at the same time', async () => {
      const rate = { points: 2, seconds: 10 }
      await coordination.giveBack('ann', rate)
      await coordination.take('ann', rate)
      await Promise.all(Array.from({ length: 5 }, () => coordination.giveBack('ann', rate)))
      await coordination.giveBack('ann', rate)
      expect([await coordination.take('ann', rate), await coordination.take('ann', rate), await coordination.take('ann', rate) > 0]).toEqual([0, 0, true])
    })

    it('gives no point of a window back that has ended, and makes none longer', async () => {
      const rate = { points: 1, seconds: 4 }
      await coordination.take('ann', rate)
      await new Promise(resolve => setTimeout(resolve, 4_050))
      await coordination.giveBack('ann', rate)
      expect([await coordination.take('ann', rate), await coordination.take('ann', rate) > 0]).toEqual([0, true])
      await new Promise(resolve => setTimeout(resolve, 2_000))
      // The one that was refused counts, too.
      for (let i = 0; i < 2; i++) await coordination.giveBack('ann', rate)
      expect(await coordination.take('ann', rate)).toBe(0)
      const wait = await coordination.take('ann', rate)
      expect(wait).toBeGreaterThan(0)
      expect(wait).toBeLessThanOrEqual(2_100)
    })

    describe('presence', () => {
      /** Changes as they come; `next()` awaits the next one of a room. */
      function watch() {
        const waiting: ((change: PresenceChange) => void)[] = []
        const come: PresenceChange[] = []
        coordination.onPresence((change) => {
          const resolve = waiting.shift()
          if (resolve) resolve(change)
          else come.push(change)
        })
        return () => new Promise<PresenceChange>((resolve) => {
          const change = come.shift()
          if (change) resolve(change)
          else waiting.push(resolve)
        })
      }

      it('counts two tabs as one person', async () => {
        const next = watch()
        coordination.enter('lobby', 'ann')
        coordination.enter('lobby', 'ann')
        expect(await next()).toEqual({ room: 'lobby', version: 1, online: 1, joined: ['ann'], left: [] })
        coordination.leave('lobby', 'ann')
        coordination.enter('lobby', 'bob')
        expect(await next()).toEqual({ room: 'lobby', version: 2, online: 2, joined: ['bob'], left: [] })
        expect(await coordination.online('lobby')).toEqual({ version: 2, online: 2, users: ['ann', 'bob'] })
        coordination.leave('lobby', 'ann')
        expect(await next()).toEqual({ room: 'lobby', version: 3, online: 1, joined: [], left: ['ann'] })
      })

      it('gathers changes and says nothing of one who came and went between', async () => {
        const next = watch()
        for (let i = 0; i < 50; i++) coordination.enter('lobby', `person${i}`)
        coordination.enter('lobby', 'passer-by')
        coordination.leave('lobby', 'passer-by')
        const change = await next()
        expect(change.joined).toHaveLength(50)
        expect(change.joined).not.toContain('passer-by')
        expect([change.left, change.online]).toEqual([[], 50])
      })

      it('says nothing, and counts no version, where all who came have gone again', async () => {
        const next = watch()
        coordination.enter('lobby', 'passer-by')
        coordination.leave('lobby', 'passer-by')
        coordination.enter('attic', 'ann')
        expect((await next()).room).toBe('attic')
        coordination.enter('lobby', 'bob')
        expect(await next()).toEqual({ room: 'lobby', version: 1, online: 1, joined: ['bob'], left: [] })
      })

      it('numbers the changes of a room without a gap, also after it was empty', async () => {
        const next = watch()
        for (let version = 1; version <= 4; version++) {
          if (version % 2 === 1) coordination.enter('lobby', 'ann')
          else coordination.leave('lobby', 'ann')
          expect((await next()).version).toBe(version)
        }
      })

      it('lets a watcher make what is there from a snapshot and the changes after it', async () => {
        const next = watch()
        coordination.enter('lobby', 'ann')
        const snapshot = await coordination.online('lobby')
        coordination.enter('lobby', 'bob')
        const seen = new Set(snapshot.users)
        let change = await next()
        // Where the answer took so long that ann had been told before it.
        if (change.version === snapshot.version) change = await next()
        expect(change.version).toBe(snapshot.version + 1)
        for (const user of change.joined) seen.add(user)
        for (const user of change.left) seen.delete(user)
        expect([...seen].sort()).toEqual((await coordination.online('lobby')).users.sort())
      })

      it('lets a watcher make it from a snapshot of somebody who then goes again before the others hear of them', async () => {
        const next = watch()
        coordination.enter('lobby', 'ann')
        await next()
        coordination.enter('lobby', 'ghost')
        const snapshot = await coordination.online('lobby')
        expect(snapshot.users).toContain('ghost')
        coordination.leave('lobby', 'ghost')
        expect(await next()).toEqual({ room: 'lobby', version: snapshot.version + 1, online: 1, joined: [], left: ['ghost'] })
      })

      it('counts rooms that have anybody, ignores those who leave without having come, and names at most 100', async () => {
        coordination.leave('lobby', 'ghost')
        coordination.enter('attic', 'ann')
        for (let i = 0; i < 120; i++) coordination.enter('hall', `person${i}`)
        expect(await coordination.counts(['lobby', 'attic', 'hall', 'nowhere'])).toEqual(new Map([['attic', 1], ['hall', 120]]))
        const hall = await coordination.online('hall')
        expect([hall.online, hall.users.length]).toEqual([120, 100])
      })
    })
  })
}
