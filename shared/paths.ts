const here = 'http://here.invalid'

/** A path of this same site, from text that anybody may have written. Anything else gives '/'. */
export function sitePath(wanted: unknown): string {
  if (typeof wanted !== 'string' || !wanted.startsWith('/') || !URL.canParse(wanted, here)) return '/'
  const url = new URL(wanted, here)
  // `/.//evil.example` is a path of ours until it is read again, without its dot.
  return url.origin === here && !url.pathname.startsWith('//') ? url.pathname + url.search + url.hash : '/'
}
