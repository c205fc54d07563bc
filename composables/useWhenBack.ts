/** Does `again` when the line is back, if something `failed` meanwhile: nobody has to press "Try again" for what was only the network's fault. */
export function useWhenBack(failed: () => boolean, again: () => unknown) {
  const connection = useConnection()
  watch(() => connection.state, (state) => {
    if (state === 'open' && failed()) void again()
  })
}
