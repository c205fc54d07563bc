/** One accent. Its shades for text and buttons are chosen in assets/css/main.css, so that contrast holds in both themes. */
export default defineAppConfig({
  ui: {
    colors: { primary: 'teal', neutral: 'slate', success: 'emerald', info: 'sky', warning: 'amber', error: 'rose' },
    button: {
      slots: { base: 'cursor-pointer disabled:cursor-not-allowed' },
      // Darker under the pointer, not paler: the label stays readable.
      compoundVariants: [
        { color: 'primary', variant: 'solid', class: 'hover:bg-primary-800 active:bg-primary-800 dark:hover:bg-primary-400 dark:active:bg-primary-400' },
        { color: 'error', variant: 'solid', class: 'hover:bg-error-800 active:bg-error-800 dark:hover:bg-error-300 dark:active:bg-error-300' }
      ]
    },
    alert: { slots: { description: 'opacity-100' } },
    card: { slots: { root: 'rounded-xl' } },
    modal: { slots: { overlay: 'bg-slate-950/50', footer: 'justify-end gap-2' } },
    toast: { slots: { title: 'text-highlighted' } }
  }
})
