import { parseArgs } from 'node:util'
import { faultsOf, type Fault } from './faults'
import { figures } from './figures'
import type { GroundName } from './ground'

/** What somebody asked for on the command line. */
export type Order =
  | { what: 'help' }
  | { what: 'seeds', from: number, seeds: number, storage: GroundName, faults: readonly Fault[] | null }
  | { what: 'figures', names: readonly string[], minutes: number }

/** Something that can't be done was asked for; the message says what can. */
export class BadOrder extends Error {
  override readonly name = 'BadOrder'
}

export const usage = `npm run chaos -- [options]            virtual people on three instances while things break
npm run chaos -- figures [name …]     the figures of docs/reliability.md: ${Object.keys(figures).join(', ')}

  --seeds N       how many seeds (3)
  --from S        the first of them (1)
  --storage WHAT  what they keep everything in: sqlite, firestore (sqlite)
  --only WORDS    only the faults that have these words in their name
  --soak MINUTES  how long the figure "soak" takes (10); without "figures", that one alone`

/** Reads the command line. Whatever is not understood is refused: a run that quietly looks at something else finds nothing, too. */
export function readOrder(args: readonly string[]): Order {
  const { values, positionals: [verb, ...names] } = parse(args)
  if (values.help) return { what: 'help' }
  if (verb !== undefined && verb !== 'figures') throw new BadOrder(`"${verb}" is unknown: there is "figures", with names or without, or options alone (--help).`)
  const unknown = names.find(name => !Object.hasOwn(figures, name))
  if (unknown !== undefined) throw new BadOrder(`There is no figure "${unknown}". There are: ${Object.keys(figures).join(', ')}.`)
  const [from, seeds, minutes] = [natural('from', values.from, 1), natural('seeds', values.seeds, 3), natural('soak', values.soak, 10)]
  if (verb === undefined && values.soak === undefined) return { what: 'seeds', from, seeds, ...chosen(values) }
  const stray = (['seeds', 'from', 'storage', 'only'] as const).find(name => values[name] !== undefined)
  if (stray) throw new BadOrder(`--${stray} is for seeds, not for figures; they take --soak.`)
  return { what: 'figures', names: names.length > 0 ? names : verb === undefined ? ['soak'] : Object.keys(figures), minutes }
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args], allowPositionals: true,
      options: { seeds: { type: 'string' }, from: { type: 'string' }, only: { type: 'string' }, storage: { type: 'string' }, soak: { type: 'string' }, help: { type: 'boolean' } }
    })
  } catch (error) {
    throw new BadOrder(`${error instanceof Error ? error.message : String(error)}\n${usage}`)
  }
}

function natural(name: string, given: string | undefined, otherwise: number): number {
  if (given === undefined) return otherwise
  if (!/^[1-9]\d{0,8}$/.test(given)) throw new BadOrder(`--${name} is "${given}": it takes a whole number from 1 on.`)
  return Number(given)
}

function chosen({ storage = 'sqlite', only }: { storage?: string | undefined, only?: string | undefined }): { storage: GroundName, faults: readonly Fault[] | null } {
  if (storage !== 'sqlite' && storage !== 'firestore') throw new BadOrder(`--storage is "${storage}": there is sqlite, and firestore.`)
  if (only === undefined) return { storage, faults: null }
  const all = faultsOf(storage)
  const faults = all.filter(({ name }) => name.toLowerCase().includes(only.toLowerCase()))
  if (faults.length === 0) throw new BadOrder(`No fault has "${only}" in its name. There are: ${all.map(({ name }) => name).join('; ')}.`)
  return { storage, faults }
}
