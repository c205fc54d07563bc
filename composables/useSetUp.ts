import { asChatError } from '~/composables/useApi'

const loopback = /^(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])$/

/** The first account of a site: by the token of the set-up link, or from the same machine without one. `missing`: without the link nothing will come of it. `refused`: it was the wrong one. */
export function useSetUp() {
  const session = useSessionStore()
  const given = useRoute().query.token
  const token = typeof given === 'string' ? given : ''
  const refused = ref(false)
  const missing = !token && !loopback.test(useRequestURL().hostname)

  async function setUp(body: { name: string, email: string, password: string, remember: boolean }) {
    try {
      await session.setUp({ ...body, token })
    } catch (thrown) {
      refused.value = asChatError(thrown).code === 'forbidden'
      throw thrown
    }
    await navigateTo('/rooms/lobby')
  }

  return { token, missing, refused, setUp }
}
