/**
 * What a page is to search engines: title, description, the one address that it has (`path`: without what was searched or sorted). Only `open` pages of a
 * site that visitors may read are for them; all others say that they are not.
 */
export function useShowing(page: () => { title: string, description?: string, open: boolean }) {
  const text = useText().app
  const session = useSessionStore()
  const route = useRoute()
  const origin = useOwnOrigin()
  const { path } = route
  const found = computed(() => page().open && session.public)

  useHead({
    title: () => page().title,
    meta: [
      { name: 'robots', content: () => found.value ? 'index, follow' : 'noindex' },
      { name: 'description', content: () => page().description || text.description }
    ],
    link: () => found.value ? [{ key: 'canonical', rel: 'canonical', href: origin + path }] : []
  })
}
