/** A line that counts up on a terminal; only its end where the output goes elsewhere. */
export function report(label: string, done: number, total: number): void {
  const percent = total === 0 ? 0 : Math.floor(done / total * 100)
  if (process.stderr.isTTY) process.stderr.write(`\r${label}: ${percent} %${done === total ? '\n' : ''}`)
  else if (done === total) process.stderr.write(`${label}: 100 %\n`)
}

/** The same where nobody knows how much there is. */
export function reportCount(label: string, done: number, end = false): void {
  const count = `${label}: ${done.toLocaleString('en')} lines`
  if (process.stderr.isTTY) process.stderr.write(`\r${count}${end ? '\n' : ''}`)
  else if (end) process.stderr.write(`${count}\n`)
}
