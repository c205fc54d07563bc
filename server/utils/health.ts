import { monitorEventLoopDelay } from 'node:perf_hooks'
import type { Chatly } from './chat'

const STORAGE_MS = 2_000

/** Measures how late the event loop is, from the start of the process on. */
const loop = monitorEventLoopDelay({ resolution: 10 })
loop.enable()

/** Why this process should get no new work now; null when it should. Never waits longer than two seconds. */
export async function notReady(chatly: Promise<Chatly>): Promise<string | null> {
  const starting = Symbol('starting')
  const started = await Promise.race([chatly, new Promise<typeof starting>(resolve => setImmediate(resolve, starting))])
  if (started === starting) return 'starting'
  if (started.realtime.draining) return 'draining'
  // Until the others can be heard for the first time, other instances serve better. A later outage takes none out of service.
  if (started.chat.ports.bus.state() === 'starting') return 'starting'
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<string>((resolve) => { timer = setTimeout(resolve, STORAGE_MS, 'storage') })
  const checked = started.chat.ports.storage.check().then(() => null, () => 'storage')
  return Promise.race([checked, late]).finally(() => clearTimeout(timer))
}

/** Prometheus text (exposition format 0.0.4). The event-loop delay is of the time since it was last asked for. */
export function metrics({ chat, realtime }: Chatly): string {
  const { sockets, rooms, events } = realtime.stats()
  const cpu = process.cpuUsage()
  const delay = loop.count > 0 ? loop.percentile(99) / 1e9 : 0
  loop.reset()
  return ([
    ['chatly_sockets', 'gauge', 'Open WebSocket connections.', sockets],
    ['chatly_rooms', 'gauge', 'Rooms that somebody here is subscribed to.', rooms],
    ['chatly_events_total', 'counter', 'Events delivered to rooms here.', events],
    ['chatly_bus_up', 'gauge', 'Whether other instances are heard (1), or not (0); 1 where there are none.', chat.ports.bus.state() === 'up' ? 1 : 0],
    ['nodejs_eventloop_delay_p99_seconds', 'gauge', 'Event-loop delay, 99th percentile since the last scrape.', delay],
    ['process_cpu_seconds_total', 'counter', 'User and system CPU time.', (cpu.user + cpu.system) / 1e6],
    ['process_resident_memory_bytes', 'gauge', 'Resident memory.', process.memoryUsage.rss()],
    ['process_start_time_seconds', 'gauge', 'Start, in seconds since 1970.', Math.round(Date.now() / 1000 - process.uptime())]
  ] as const).map(([name, type, help, value]) => `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${name} ${value}\n`).join('')
}
