/** Where the kit shows the keyboard's place with a shade of grey alone, which nobody sees. */
const focusRing = 'focus-visible:ring-2 focus-visible:ring-inset focus-visible:ring-primary'
const focusRingBefore = 'focus-visible:before:ring-2 focus-visible:before:ring-inset focus-visible:before:ring-primary'

/** One accent. Its shades for text and buttons are chosen in assets/css/main.css, so that contrast holds in both themes. */
export default defineAppConfig({
  ui: {
    colors: { primary: 'teal', neutral: 'slate', success: 'emerald', info: 'sky', warning: 'amber', error: 'rose' },
    button: {
      slots: { base: 'cursor-pointer disabled:cursor-not-allowed' },
      variants: { variant: { ghost: focusRing, soft: focusRing } },
      // Darker under the pointer, not paler: the label stays readable.
      compoundVariants: [
        { color: 'primary', variant: 'solid', class: 'hover:bg-primary-800 active:bg-primary-800 dark:hover:bg-primary-400 dark:active:bg-primary-400' },
        { color: 'error', variant: 'solid', class: 'hover:bg-error-800 active:bg-error-800 dark:hover:bg-error-300 dark:active:bg-error-300' }
      ]
    },
    alert: { slots: { description: 'opacity-100' } },
    card: { slots: { root: 'rounded-xl' } },
    dropdownMenu: { slots: { item: focusRingBefore } },
    select: { slots: { item: focusRingBefore } },
    modal: { slots: { overlay: 'bg-slate-950/50', footer: 'justify-end gap-2' } },
    toast: { slots: { title: 'text-highlighted' } }
  }
})
