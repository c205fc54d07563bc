/**
 * Where a component loads on the server without waiting for it in the browser (`useAsyncData`, lazy, not awaited), Nuxt tells Vue so on the server alone, and
 * the generated ids below it would differ. This says it in the browser, too. See `sameIds` in nuxt.config.ts.
 */
export function sameIdsAsOnServer() {
  if (import.meta.client) onServerPrefetch(() => {})
}
