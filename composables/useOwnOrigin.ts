/**
 * The address by which others know this site (`https://chat.example.org`). The server says it; in the browser it is what came with the page, by whatever name
 * that was asked for.
 */
export function useOwnOrigin(): string {
  const { origin } = useRequestURL()
  return useState<string>('origin', () => useRequestEvent()?.context.ownOrigin ?? origin).value
}
