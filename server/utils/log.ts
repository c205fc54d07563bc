/** The path of a request for the log: without its query, and without the codes that stand in some links. */
export const pathForLog = (path: string): string => (path.split('?')[0] ?? '').replace(/\/(invite|reset|verify)\/[^/]+/g, '/$1/…')

/** What an error says for the log: where it came from, and its causes. Not its other properties: they may carry what was asked for, a body or a cookie. */
export function errorForLog(error: unknown): string {
  if (!(error instanceof Error)) return `something that is no error was thrown (${typeof error})`
  const told = error.stack ?? `${error.name}: ${error.message}`
  return error.cause instanceof Error && error.cause.stack !== error.stack ? `${told}\ncaused by ${errorForLog(error.cause)}` : told
}
