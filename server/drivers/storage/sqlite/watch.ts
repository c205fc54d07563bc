import type { Changes, Control } from '../../../core/ports'
import type { Db } from './database'
import { highestPos } from './epoch'

/** How often other processes' commits are looked for, ms. */
const EVERY = 250
/** Looked at in one go, so that this thread does not stand still after a long pause; what is left comes the next time. */
const AT_ONCE = { events: 20_000, controls: 5_000 }

type Listen = (changes: Changes) => void
interface ControlRow { pos: number, json: string | null }

/** Looks for what other processes committed. */
export interface Sweep {
  watch: (listen: Listen) => void
  close: () => void
}

/**
 * Nothing is missed: SQLite has one writer at a time, which gives out `pos` inside its transaction, so that whoever commits later has the higher ones.
 * All that a snapshot shows is therefore below all that is still to come. `origin` is this process; it has left its own controls itself.
 */
export function createSweep(db: Db, origin: string, onTrouble: (error: unknown) => void, every = EVERY): Sweep {
  const dataVersion = db.prepare<[], number>('PRAGMA data_version').pluck()
  const heads = db.prepare<{ pos: number }, [string, number, number]>(`SELECT room, max(seq), max(pos) FROM events
    WHERE pos > @pos AND pos <= @pos + ${AT_ONCE.events} GROUP BY room`).raw()
  const controls = db.prepare<[string, number], ControlRow>(
    `SELECT pos, CASE WHEN origin = ? THEN NULL ELSE json END AS json FROM controls WHERE pos > ? ORDER BY pos LIMIT ${AT_ONCE.controls}`)
  const lastControl = db.prepare<[], number>('SELECT seq FROM sqlite_sequence WHERE name = \'controls\'').pluck()
  const listeners: Listen[] = []
  const seen = db.transaction(() => ({ version: dataVersion.get(), pos: highestPos(db), control: lastControl.get() ?? 0 }))()
  let failing = false
  let timer: NodeJS.Timeout | undefined

  /** What is new since the last time, from one snapshot; null where nobody, this process included, has committed anything. */
  const look = db.transaction((): Changes | null => {
    const version = dataVersion.get()
    if (version === seen.version) return null
    const moved = heads.all({ pos: seen.pos })
    const rows = controls.all(origin, seen.control)
    const missed = rows.length > 0 && rows[0]!.pos > seen.control + 1
    const reached = moved.reduce((highest, [, , pos]) => Math.max(highest, pos), seen.pos)
    // Perhaps not all of them: then look again, whether anybody commits meanwhile or not.
    seen.version = rows.length < AT_ONCE.controls && reached - seen.pos < AT_ONCE.events ? version : undefined
    seen.pos = reached
    seen.control = rows.at(-1)?.pos ?? seen.control
    return {
      heads: new Map(moved.map(([room, seq]) => [room, seq])),
      controls: rows.flatMap(({ json }): Control[] => json === null ? [] : [JSON.parse(json)]),
      missed
    }
  })

  function tell(changes: Changes): void {
    for (const listen of listeners) {
      try {
        listen(changes)
      } catch (error) {
        onTrouble(error)
      }
    }
  }

  function sweep(): void {
    let changes: Changes | null
    try {
      changes = look()
      failing = false
    } catch (error) {
      // Once per outage; the next look covers this one's time too.
      if (!failing) onTrouble(error)
      failing = true
      return
    }
    if (changes && (changes.heads.size > 0 || changes.controls.length > 0 || changes.missed)) tell(changes)
  }

  return {
    watch(listen) {
      listeners.push(listen)
      timer ??= setInterval(sweep, every).unref()
    },
    close() { clearInterval(timer) }
  }
}
