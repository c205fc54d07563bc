/** Whole seconds until a time (ms since 1970; null: none), counted down while the component is there; 0 once it is over. */
export function useCountdown(until: () => number | null) {
  const now = ref(useNow().value)
  let clock: ReturnType<typeof setInterval> | undefined

  const left = computed(() => Math.max(0, Math.ceil(((until() ?? 0) - now.value) / 1000)))
  const tick = () => { now.value = Date.now() }
  const stop = () => clearInterval(clock)

  onMounted(() => {
    watch(until, tick, { immediate: true })
    watch(() => left.value > 0, (counting) => {
      stop()
      if (counting) clock = setInterval(tick, 1_000)
    }, { immediate: true })
  })
  onBeforeUnmount(stop)
  return left
}
