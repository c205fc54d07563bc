import { readFileSync } from 'node:fs'

/** Of the sorted values: the one below which this share of them lies. */
export function percentile(values: number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN
}

export const median = (values: number[]): number => percentile(values, 0.5)

/** CPU time that a process has used, all its threads, in microseconds; the kernel counts it in ticks of 10 ms. */
export function cpuOf(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ')
  return (Number(fields[11]) + Number(fields[12])) * 10_000
}

/** Resident memory of a process, bytes. */
export const memoryOf = (pid: number): number => Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) * 1024

/** How often the server looks at how late its event loop is, ms: that much is in every sample. */
const SAMPLING = 10

/** How late the server's event loop was since this was last asked, 99th percentile, ms. */
export async function loopDelay(url: string): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text()
  return Math.max(0, Number(/^nodejs_eventloop_delay_p99_seconds (\S+)$/m.exec(text)?.[1]) * 1000 - SAMPLING)
}

export const sleep = (ms: number) => new Promise<void>(resolve => setTimeout(resolve, ms))
export const round = (value: number, digits = 0): string => value.toLocaleString('en', { maximumFractionDigits: digits, minimumFractionDigits: digits })
