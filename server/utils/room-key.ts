import { z } from 'zod'
import { id, slug } from '#shared/schemas'
import type { RoomKey } from '../core/ports'

/** A room in a path: its id, or `~` and its slug. */
export const roomKey = z.string().transform((text): RoomKey => text.startsWith('~') ? { slug: slug.parse(text.slice(1)) } : { id: id.parse(text) })
