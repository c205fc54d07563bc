/** One accent. Its shades for text and buttons are chosen in assets/css/main.css, so that contrast holds in both themes. */
export default defineAppConfig({
  ui: {
    colors: { primary: 'teal', neutral: 'slate', success: 'emerald', info: 'sky', warning: 'amber', error: 'rose' },
    button: { slots: { base: 'cursor-pointer disabled:cursor-not-allowed' } },
    card: { slots: { root: 'rounded-xl' } },
    modal: { slots: { overlay: 'bg-slate-950/50', footer: 'justify-end gap-2' } },
    toast: { slots: { title: 'text-highlighted' } }
  }
})
