/**
 * Stands in for https://apis.google.com/js/api.js: the few calls of `gapi.iframes` that Firebase's library, and the emulator's frame, make to hear of a pop-up's outcome. It runs in the
 * page and in that frame, which talk by messages.
 */
function gapiStub() {
  type Handler = (data: unknown) => unknown
  interface Said { gapi: 'call' | 'reply', id: string, name?: string, data?: unknown }
  const handlers = new Map<string, Handler>()
  const waiting = new Map<string, (answer: unknown[]) => void>()
  let calls = 0

  const registered = async (name: string): Promise<Handler | undefined> => {
    for (let tries = 0; tries < 100 && !handlers.has(name); tries++) await new Promise(resolve => setTimeout(resolve, 50))
    return handlers.get(name)
  }

  addEventListener('message', async ({ data, source }: MessageEvent<Said>) => {
    if (data?.gapi === 'call') source?.postMessage({ gapi: 'reply', id: data.id, data: await (await registered(data.name ?? ''))?.(data.data) }, { targetOrigin: '*' })
    if (data?.gapi === 'reply') {
      const done = waiting.get(data.id)
      waiting.delete(data.id)
      // Firebase's library throws at the end of one of these, whatever it was told; Google's script minds as little.
      try { done?.([data.data]) } catch { /* see above */ }
    }
  })

  const end = (other: () => Window | null) => ({
    register: (name: string, handler: Handler) => handlers.set(name, handler),
    send(name: string, data: unknown, done?: (answer: unknown[]) => void) {
      const id = `${location.href}#${++calls}`
      if (done) waiting.set(id, done)
      other()?.postMessage({ gapi: 'call', id, name, data }, '*')
    },
    restyle: () => Promise.resolve(),
    ping(done: () => void) {
      setTimeout(done, 0)
      return Promise.resolve([true])
    }
  })

  const context = {
    open({ url, where }: { url: string, where: HTMLElement }, opened: (frame: unknown) => unknown) {
      const frame = document.createElement('iframe')
      frame.src = url
      frame.style.cssText = 'position:absolute;top:-100px;width:1px;height:1px'
      const done = new Promise(resolve => frame.addEventListener('load', () => resolve(opened(end(() => frame.contentWindow)))))
      where.append(frame)
      return done
    },
    getParentIframe: () => end(() => parent)
  }

  Object.assign(window, {
    gapi: {
      load: (_: string, then: (() => void) | { callback: () => void }) => setTimeout(typeof then === 'function' ? then : then.callback, 0),
      iframes: { CROSS_ORIGIN_IFRAMES_FILTER: () => true, getContext: () => context, Iframe: function () {} }
    }
  })
  const onload = new URL((document.currentScript as HTMLScriptElement).src).searchParams.get('onload') ?? 'gapi_onload'
  const ready: unknown = Reflect.get(window, onload)
  if (typeof ready === 'function') ready()
}

/** The stub as the text of a script. */
export const gapiScript = `(${gapiStub.toString()})()`
