/** The tab shows how much is unread: "(3) Lobby · Chatly", and the same number on the icon. Called once, by app.vue. */
export function useUnreadTitle() {
  const text = useText().app
  const rooms = useRoomsStore()
  const unread = computed(() => rooms.totalUnread)
  const icon = computed(() => unread.value > 0 ? badgedIcon(unread.value > 99 ? '99' : String(unread.value)) : '/favicon.svg')

  useHead({
    titleTemplate: title => text.unreadTitle(unread.value, title ? `${title} · ${text.name}` : text.name),
    link: [{ key: 'icon', rel: 'icon', type: 'image/svg+xml', href: icon }]
  })
}

/** public/favicon.svg with a number on it, as a data: address. */
function badgedIcon(count: string): string {
  const svg = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64"><rect width="64" height="64" rx="16" fill="#0f766e"/>'
    + '<path d="M18 17h28a5 5 0 0 1 5 5v17a5 5 0 0 1-5 5H31l-9 8v-8h-4a5 5 0 0 1-5-5V22a5 5 0 0 1 5-5z" fill="#fff"/>'
    + '<circle cx="44" cy="44" r="20" fill="#e11d48"/>'
    + `<text x="44" y="53" font-family="system-ui,sans-serif" font-size="26" font-weight="700" text-anchor="middle" fill="#fff">${count}</text></svg>`
  return `data:image/svg+xml,${encodeURIComponent(svg)}`
}
