import { blackout, drop, ghosts, resume } from './figures-lines'
import { slow, soak } from './figures-load'

/** One figure of docs/reliability.md, as it was measured. */
export interface Figure { what: string, value: string, aim: string, reached: boolean }

type Measure = (options: { minutes: number }) => Promise<Figure[]>

/** Each starts servers of its own. */
export const figures: Readonly<Record<string, Measure>> = { resume, ghosts, blackout, drop, slow, soak }
