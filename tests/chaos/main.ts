import { writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { openCluster, type Cluster } from './cluster'
import { CROWD, faultsOf } from './faults'
import { figures } from './figures'
import { behindProxy } from './reader'
import { runSeed, type SeedResult } from './seed'

const PEOPLE = 12

const usage = `npm run chaos -- [options]            virtual people on three instances while things break
npm run chaos -- figures [name …]     the figures of docs/reliability.md: ${Object.keys(figures).join(', ')}

  --seeds N       how many seeds (3)
  --from S        the first of them (1)
  --storage WHAT  what they keep everything in: sqlite, firestore (sqlite)
  --only WORDS    only the faults that have these words in their name
  --soak MINUTES  how long the figure "soak" takes (10)`

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seeds: { type: 'string', default: '3' }, from: { type: 'string', default: '1' }, only: { type: 'string' }, storage: { type: 'string', default: 'sqlite' }, soak: { type: 'string' }, help: { type: 'boolean', default: false }
  }
})

if (values.help) console.log(usage)
else if (positionals[0] === 'figures' || values.soak !== undefined) await showFigures(positionals.slice(1))
else process.exitCode = await showSeeds(Number(values.from), Number(values.seeds)) > 0 ? 1 : 0
// Not by itself: Node 20 was seen to turn in circles there, in its own clean-up of handles that many killed processes left.
process.exit()

async function showFigures(names: string[]): Promise<void> {
  const wanted = names.length > 0 ? names : values.soak === undefined ? Object.keys(figures) : ['soak']
  for (const name of wanted) {
    const measure = figures[name]
    if (!measure) throw new Error(`There is no figure "${name}".\n${usage}`)
    console.log(`\n${name} …`)
    for (const { what, value, aim, reached } of await measure({ minutes: Number(values.soak ?? 10) })) {
      console.log(`${what.padEnd(64)} ${value.padStart(20)}   ${aim}${reached ? '' : '   MISSED'}`)
      if (!reached) process.exitCode = 1
    }
  }
}

/** Gives the number of anomalies. */
async function showSeeds(from: number, count: number): Promise<number> {
  const { only, storage } = values
  if (storage !== 'sqlite' && storage !== 'firestore') throw new Error(`--storage is "${storage}".\n${usage}`)
  const faults = faultsOf(storage)
  const chosen = only === undefined ? undefined : faults.filter(({ name }) => name.toLowerCase().includes(only.toLowerCase()))
  if (chosen?.length === 0) throw new Error(`No fault has "${only}" in its name. There are: ${faults.map(({ name }) => name).join('; ')}.`)
  let [anomalies, acknowledged, applied] = [0, 0, 0]
  let cluster: Cluster | null = null
  for (let seed = from; seed < from + count; seed++) {
    cluster ??= await openCluster({ people: PEOPLE, crowd: storage === 'sqlite' ? CROWD.thorough : 0, storage, env: behindProxy })
    const result = await runSeed(cluster, seed, { thorough: true, ...chosen && { faults: chosen } })
    await show(result, cluster)
    anomalies += result.anomalies.length
    acknowledged += result.acknowledged
    applied += result.applied
    if (result.anomalies.length === 0) continue
    // What is broken may stay so: the next seed begins with servers of its own.
    await cluster.close()
    cluster = null
  }
  await cluster?.close()
  console.log(`\n${count} seeds, ${acknowledged} changes acknowledged, ${applied} events applied: ${anomalies} anomalies`)
  return anomalies
}

async function show({ seed, faults, anomalies, acknowledged, applied, took, history }: SeedResult, cluster: Cluster): Promise<void> {
  const verdict = anomalies.length === 0 ? 'ok' : `${anomalies.length} ANOMALIES`
  console.log(`seed ${seed}: ${verdict}, ${acknowledged} acknowledged, ${applied} applied, ${took.toFixed(1)} s: ${faults.join('; ')}`)
  if (anomalies.length === 0) return
  for (const { rule, text } of anomalies.slice(0, 20)) console.log(`  seed ${seed}, ${rule}: ${text}`)
  const file = join(tmpdir(), `chatly-chaos-seed-${seed}.jsonl`)
  const servers = cluster.nodes.map(({ server }, index) => `--- instance ${index}\n${server.logs()}`)
  await writeFile(file, [...history.log.map(entry => JSON.stringify(entry)), ...[...history.stored].map(stored => JSON.stringify(stored)), ...servers].join('\n'))
  console.log(`  everything that happened: ${file}`)
}
