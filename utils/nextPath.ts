import { sitePath } from '#shared/paths'

/** Where to go after signing in: a path of this same site, from a `next` that anybody may have written. Anything else gives '/'. */
export const nextPath = sitePath

/** The same page with `next` set, where it leads somewhere. */
export const withNext = (path: string, next: unknown) => {
  const target = nextPath(next)
  return target === '/' ? { path } : { path, query: { next: target } }
}
