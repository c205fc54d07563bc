import { mkdir, writeFile } from 'node:fs/promises'
import { availableParallelism, cpus } from 'node:os'
import WebSocket from 'ws'
import { attack } from './attack'
import { enterAll, openHall, subscribe, type Hall } from './hall'
import { cpuOf, loopDelay, median, memoryOf, percentile, round, sleep } from './measure'
import { send, sendAtRate, sendAtWill } from './sends'

/** Bounded: the whole run takes less than two minutes. The numbers of the last run are in docs/performance.md. */

const rows: [what: string, value: string, aim: string][] = []
const note = (what: string, value: string, aim = '') => {
  rows.push([what, value, aim])
  console.log(`${what.padEnd(52)} ${value.padStart(22)}   ${aim}`)
}
const wanted = new Set(process.argv.slice(2))
const asked = (part: string) => wanted.size === 0 || wanted.has(part)

async function durableSends(): Promise<void> {
  const hall = await openHall(2_400)
  const lines = await enterAll(hall, hall.people)
  // The first message of each joins the room: not what we measure.
  for (let at = 0; at < lines.length; at += 400) await Promise.all(lines.slice(at, at + 400).map(line => send(line, hall.room)))
  await sendAtRate(lines, hall.room, 1_000, 1)

  const calm = await sendAtRate(lines.slice(0, 200), hall.room, 500, 5)
  note('500 sends/s: send → ok, p50', `${round(median(calm.latencies), 2)} ms`, '< 3 ms')
  note('500 sends/s: send → ok, p99', `${round(percentile(calm.latencies, 0.99), 2)} ms`)

  await loopDelay(hall.server.url)
  const busy = await sendAtRate(lines, hall.room, 5_000, 5)
  note('5,000 sends/s: event-loop delay, p99', `${round(await loopDelay(hall.server.url), 1)} ms`, '< 20 ms')
  note('5,000 sends/s: send → ok, p50 / p99', `${round(median(busy.latencies), 1)} / ${round(percentile(busy.latencies, 0.99), 1)} ms`)

  await sleep(1_000)
  const full = await sendAtWill(lines, hall.room, 9.5, 6)
  note('saturation: durable sends per second', round(full.perSecond), '≥ 10,000')
  note('saturation: send → ok, p50 / p99', `${round(median(full.latencies), 1)} / ${round(percentile(full.latencies, 0.99), 1)} ms`)
  if (calm.refused + busy.refused + full.refused > 0) note('refused by the rate limit', round(calm.refused + busy.refused + full.refused))
  for (const line of lines) line.close()
  await hall.stop()
}

async function fanOut(): Promise<void> {
  const hall = await openHall(500)
  const lines = await enterAll(hall, hall.people, subscribe(hall))
  await Promise.all(lines.map(line => send(line, hall.room)))
  await sleep(500)
  const measure = async (name: string, aim: [string, string], work: () => Promise<unknown>) => {
    const [events, cpu, started] = [count(lines), cpuOf(hall.server.pid), performance.now()]
    await work()
    const [delivered, used, ms] = [count(lines) - events, cpuOf(hall.server.pid) - cpu, performance.now() - started]
    note(`500 sockets, ${name}: deliveries per second`, round(delivered / ms * 1000), aim[0])
    note(`500 sockets, ${name}: server CPU per delivery`, `${round(used / delivered, 2)} µs`, aim[1])
  }
  await measure('100 messages/s', ['', '≤ 7 µs'], async () => {
    const { latencies } = await sendAtRate(lines, hall.room, 100, 8)
    note('500 sockets, 100 messages/s: send → ok, p50', `${round(median(latencies), 2)} ms`)
  })
  await sleep(1_000)
  await measure('saturation', ['', '≤ 1 µs'], async () => {
    const { perSecond } = await sendAtWill(lines, hall.room, 9.5, 7)
    note('500 sockets, saturation: messages per second', round(perSecond))
  })
  for (const line of lines) line.close()
  await hall.stop()
}

const count = (lines: { events: number }[]) => lines.reduce((sum, line) => sum + line.events, 0)

/** ΔRSS over 2,000 sockets after `hello` and one subscription, after 1,000 to warm up and a forced collection. */
async function idleMemory(): Promise<number> {
  const hall = await openHall(3_000, ['--inspect=127.0.0.1:0'])
  const collect = await collector(hall)
  const warm = await enterAll(hall, hall.people.slice(0, 1_000), subscribe(hall))
  await sleep(300)
  const before = await collect()
  const lines = await enterAll(hall, hall.people.slice(1_000), subscribe(hall))
  await sleep(300)
  const after = await collect()
  for (const line of [...warm, ...lines]) line.close()
  await hall.stop()
  return (after - before) / lines.length / 1024
}

/** Collects the server's garbage by its inspector, which listens on loopback only; gives its resident memory after that. */
async function collector({ server }: Hall): Promise<() => Promise<number>> {
  const [url] = /ws:\/\/127\.0\.0\.1:\d+\/\S+/.exec(server.logs()) ?? []
  if (!url) throw new Error('The server has no inspector.')
  const inspector = new WebSocket(url)
  await new Promise((resolve, reject) => inspector.once('open', resolve).once('error', reject))
  let id = 0
  return async () => {
    for (let turn = 0; turn < 3; turn++) {
      inspector.send(JSON.stringify({ id: ++id, method: 'HeapProfiler.collectGarbage' }))
      await new Promise(resolve => inspector.once('message', resolve))
    }
    return memoryOf(server.pid)
  }
}

const started = performance.now()
console.log(`node ${process.version}, ${availableParallelism()} × ${cpus()[0]?.model ?? 'CPU'}\n`)
if (asked('sends')) await durableSends()
if (asked('fan-out')) await fanOut()
if (asked('memory')) {
  const runs: number[] = []
  for (let run = 0; run < 5; run++) runs.push(await idleMemory())
  note('KB per idle socket, median of 5', `${round(median(runs), 1)} KB`, '≤ 9 KB')
  note('KB per idle socket, each', runs.map(run => round(run, 1)).join(' '))
}
// Only when it is asked for: it takes some minutes. The numbers are in docs/security.md.
if (wanted.has('attack')) await attack(note)
await mkdir('bench/results', { recursive: true })
await writeFile('bench/results/latest.md', ['| | measured | aim |', '|---|---|---|', ...rows.map(row => `| ${row.join(' | ')} |`), ''].join('\n'))
console.log(`\n${round((performance.now() - started) / 1000)} s; bench/results/latest.md`)
