const here = 'http://here.invalid'

/** Where to go after signing in: a path of this same site, from a `next` that anybody may have written. Anything else gives '/'. */
export function nextPath(next: unknown): string {
  if (typeof next !== 'string' || !next.startsWith('/') || !URL.canParse(next, here)) return '/'
  const url = new URL(next, here)
  return url.origin === here ? url.pathname + url.search + url.hash : '/'
}

/** The same page with `next` set, where it leads somewhere. */
export const withNext = (path: string, next: unknown) => {
  const target = nextPath(next)
  return target === '/' ? { path } : { path, query: { next: target } }
}
