/** One figure of docs/reliability.md, as it was measured. */
export interface Figure { what: string, value: string, aim: string, reached: boolean }

type Measure = (options: { minutes: number }) => Promise<Figure[]>

export const figures: Readonly<Record<string, Measure>> = {}
