/** The three appearances, with the one that the reader chose. Known in the browser only: render what depends on it inside <ClientOnly> or an open menu. */
export function useTheme() {
  const text = useText().app.theme
  const mode = useColorMode()
  const choices = [
    { value: 'light', label: text.light, description: text.lightText, icon: 'i-lucide-sun' },
    { value: 'dark', label: text.dark, description: text.darkText, icon: 'i-lucide-moon' },
    { value: 'system', label: text.system, description: text.systemText, icon: 'i-lucide-monitor' }
  ]
  const chosen = computed({ get: () => mode.preference, set: value => mode.preference = value })
  return { choices, chosen }
}
