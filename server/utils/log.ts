/** The path of a request for the log: without its query, and without the codes that stand in some links. */
export const pathForLog = (path: string): string => (path.split('?')[0] ?? '').replace(/\/(invite|reset|verify)\/[^/]+/g, '/$1/…')

/** What an error says for the log: where it came from, and its causes. Not its other properties: they may carry what was asked for, a body or a cookie. */
export function errorForLog(error: unknown): string {
  if (!(error instanceof Error)) return `something that is no error was thrown (${typeof error})`
  const told = mayQuote(error) ? withoutWords(error) : error.stack ?? `${error.name}: ${error.message}`
  return error.cause instanceof Error && error.cause.stack !== error.stack ? `${told}\ncaused by ${errorForLog(error.cause)}` : told
}

/** Whether an error's words may be what people wrote: another service's (gRPC gives its errors a number for a code), and those of whatever parses, say what they were given. */
const mayQuote = (error: Error): boolean => error instanceof SyntaxError || ('code' in error && typeof error.code === 'number')

/** Its kind, its code and its frames. */
function withoutWords(error: Error): string {
  const code = 'code' in error ? ` (code ${String(error.code)})` : ''
  const frames = error.stack?.match(/^ +at .*$/gm) ?? []
  return [`${error.name}${code}`, ...frames].join('\n')
}
