/** Prints what is happening, and how long it took once it is done. */

const started = process.hrtime.bigint()

/** Seconds since the program began, one decimal. */
export const seconds = () => (Number(process.hrtime.bigint() - started) / 1e9).toFixed(1)

/** @param {string} line */
export const say = line => console.info(`▸ ${line}`)

/** @param {string} line one line: what happened and what to do */
export function fail(line) {
  console.error(`✖ ${line}`)
  process.exit(1)
}
