/** As much as one turn of the event loop may add. */
const mostMs = 3

/**
 * Lets `performance.now` stand still while this process does not run, so that a busy machine uses up no patience. Whoever is handed the processor late
 * would find that all that it waits for is late.
 */
export function steadyClock(): void {
  const read = performance.now.bind(performance)
  let lastAt = read()
  let shownMs = lastAt
  setInterval(() => {
    const at = read()
    shownMs += Math.min(mostMs, at - lastAt)
    lastAt = at
  }, 1).unref()
  performance.now = () => shownMs
}
