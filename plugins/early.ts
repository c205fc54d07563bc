/** Forms that somebody sends before the page has come alive (a slow phone, a long way): held, and sent as soon as it has. What they typed is kept by `useTyped`. */

interface Early { form: HTMLFormElement | null, hold: (event: Event) => void }

/** Stands in the page itself, before all of our scripts. The browser would leave the page with the form, and what was typed would be gone. */
const hold = 'window.chatlyEarly={form:null,hold(e){e.preventDefault();this.chatlyEarly.form=e.target}};addEventListener("submit",chatlyEarly.hold,true)'

export default defineNuxtPlugin((nuxtApp) => {
  if (import.meta.server) useHead({ script: [{ innerHTML: hold }] })
  nuxtApp.hooks.hookOnce('app:suspense:resolve', async () => {
    const early = Reflect.get(window, 'chatlyEarly') as Early | undefined
    if (!early) return
    // The fields have their texts again only after this.
    await nextTick()
    removeEventListener('submit', early.hold, true)
    if (early.form?.isConnected) early.form.requestSubmit()
  })
})
