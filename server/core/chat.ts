import type { Person, Position } from '#shared/types'
import type { Ports } from './ports'

/** Who is calling: what a session in storage said. Never what a request claims. */
export interface Identity { session: string, person: Person, admin: boolean }
/** null: a visitor without an account. */
export type Viewer = Identity | null
