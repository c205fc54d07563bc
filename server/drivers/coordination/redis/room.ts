import type { Change } from './scripts'

/** Changes that came too early; beyond, the room is read anyway. */
const MAX_AHEAD = 64

/** Who is in a room by what Redis said of it, in whatever order and however often changes come. */
export class MirroredRoom {
  /** Nothing is known before the first reading. */
  loaded = false
  users = new Set<string>()
  #version = 0
  readonly #ahead = new Map<number, Change>()

  /** A change is missing between what is known and what has come. */
  get hasHole(): boolean { return this.#ahead.size > 0 }

  /** Whether it is not what Redis has at `version`; 0: nobody is there. */
  isBehind(version: number): boolean {
    return !this.loaded || this.hasHole || (version === 0 ? this.users.size > 0 : this.#version < version)
  }

  /** Gives whom it concerned, and those whom earlier ones did that had waited for it. */
  take(change: Change): string[] {
    if (change.version > this.#version && this.#ahead.size < MAX_AHEAD) this.#ahead.set(change.version, change)
    return this.#advance()
  }

  /** What was read. Gives false when changes were faster. */
  load(version: number, users: readonly string[]): boolean {
    if (this.loaded && version < this.#version) return false
    this.users = new Set(users)
    this.#version = version
    this.loaded = true
    this.#advance()
    return true
  }

  /** What was known is of a state that is no more. */
  restart(): void {
    this.loaded = false
    this.#version = 0
    this.#ahead.clear()
  }

  #advance(): string[] {
    const concerned: string[] = []
    for (let moved = this.loaded; moved;) {
      moved = false
      for (const [version, change] of this.#ahead) {
        // Where there was nobody, nothing before it matters.
        if (version > this.#version && change.before !== 0 && change.before !== this.#version) continue
        this.#ahead.delete(version)
        if (version <= this.#version) continue
        concerned.push(...this.#apply(change))
        moved = true
      }
    }
    return concerned
  }

  #apply({ before, version, joined, left }: Change): string[] {
    const gone = before === 0 ? [...this.users, ...left] : left
    this.#version = version
    for (const user of gone) this.users.delete(user)
    for (const user of joined) this.users.add(user)
    return [...gone, ...joined]
  }
}
