import { writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openCluster, type Cluster } from './cluster'
import { CROWD } from './faults'
import { figures } from './figures'
import { BadOrder, readOrder, usage, type Order } from './options'
import { behindProxy } from './reader'
import { runSeed, type SeedResult } from './seed'

const PEOPLE = 12
/** Nothing was run: it was not said what. */
const NOT_UNDERSTOOD = 2

try {
  const order = readOrder(process.argv.slice(2))
  if (order.what === 'help') console.log(usage)
  else if (order.what === 'figures') await showFigures(order)
  else process.exitCode = await showSeeds(order) > 0 ? 1 : 0
} catch (error) {
  console.error(error instanceof BadOrder ? error.message : error)
  process.exitCode = error instanceof BadOrder ? NOT_UNDERSTOOD : 1
}
// Not by itself: Node 20 was seen to turn in circles there, in its own clean-up of handles that many killed processes left.
process.exit()

async function showFigures({ names, minutes }: Extract<Order, { what: 'figures' }>): Promise<void> {
  for (const name of names) {
    console.log(`\n${name} …`)
    for (const { what, value, aim, reached } of await figures[name]!({ minutes })) {
      console.log(`${what.padEnd(64)} ${value.padStart(20)}   ${aim}${reached ? '' : '   MISSED'}`)
      if (!reached) process.exitCode = 1
    }
  }
}

/** Gives the number of anomalies. */
async function showSeeds({ from, seeds, storage, faults }: Extract<Order, { what: 'seeds' }>): Promise<number> {
  let [anomalies, acknowledged, applied] = [0, 0, 0]
  let cluster: Cluster | null = null
  try {
    for (let seed = from; seed < from + seeds; seed++) {
      cluster ??= await openCluster({ people: PEOPLE, crowd: storage === 'sqlite' ? CROWD.thorough : 0, storage, env: behindProxy })
      const result = await runSeed(cluster, seed, { thorough: true, ...faults && { faults } })
      await show(result, cluster)
      anomalies += result.anomalies.length
      acknowledged += result.acknowledged
      applied += result.applied
      if (result.anomalies.length === 0) continue
      // What is broken may stay so: the next seed begins with servers of its own.
      await cluster.close()
      cluster = null
    }
  } finally {
    await cluster?.close()
  }
  console.log(`\n${seeds} seeds, ${acknowledged} changes acknowledged, ${applied} events applied: ${anomalies} anomalies`)
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
