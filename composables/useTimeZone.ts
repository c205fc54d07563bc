const known = (zone: string): boolean => {
  try {
    return Boolean(new Intl.DateTimeFormat('en', { timeZone: zone }))
  } catch { // a RangeError: the cookie holds something else
    return false
  }
}

/** The reader's IANA time zone. A cookie tells the server, so that rendered times do not change on hydration; UTC until the first visit is over. */
export function useTimeZone() {
  const cookie = useCookie('chatly_zone', { sameSite: 'lax', maxAge: 365 * 86_400, decode: decodeURIComponent, default: () => 'UTC' })
  return computed({
    get: () => known(cookie.value) ? cookie.value : 'UTC',
    set: zone => cookie.value = zone
  })
}
