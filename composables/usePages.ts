/** The pages of the settings, for <AppSettingsShell>. Guests have no password. */
export function useSettingsPages() {
  const text = useText().settings
  const session = useSessionStore()
  return computed(() => ({
    title: text.title, label: text.pages, back: text.back, base: '/settings',
    pages: [
      { label: text.profile.title, icon: 'i-lucide-user', to: '/settings/profile' },
      ...session.isGuest ? [] : [{ label: text.password.title, icon: 'i-lucide-key-round', to: '/settings/password' }],
      { label: text.appearance.title, icon: 'i-lucide-sun-moon', to: '/settings/appearance' },
      { label: text.sessions.title, icon: 'i-lucide-monitor-smartphone', to: '/settings/sessions' },
      { label: text.remove.title, icon: 'i-lucide-trash-2', to: '/settings/account' }
    ]
  }))
}

/** The pages of the administration. */
export function useAdminPages() {
  const text = useText().admin
  return {
    title: text.title, label: text.pages, back: text.back, base: '/admin',
    pages: [
      { label: text.people.title, icon: 'i-lucide-users', to: '/admin/people' },
      { label: text.rooms.title, icon: 'i-lucide-messages-square', to: '/admin/rooms' },
      { label: text.reports.title, icon: 'i-lucide-flag', to: '/admin/reports' },
      { label: text.site.title, icon: 'i-lucide-sliders-horizontal', to: '/admin/site' },
      { label: text.history.title, icon: 'i-lucide-scroll-text', to: '/admin/history' }
    ]
  }
}
