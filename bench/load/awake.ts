/** A turn of the loop that takes longer had something to do: an empty one takes some 2 µs. */
const emptyTurnMs = 0.005

/**
 * Keeps this process from sleeping. In a virtual machine, waking a process on the other core costs the one that writes to it more
 * than the write, and the slower a server is, the more often its load generator sleeps: it would be charged for that.
 *
 * @returns what ends it, and answers for how many milliseconds there was nothing else to do.
 */
export function stayAwake(): () => number {
  let awake = true
  let idleMs = 0
  let before = performance.now()
  const turn = () => {
    const now = performance.now()
    if (now - before < emptyTurnMs) idleMs += now - before
    before = now
    if (awake) setImmediate(turn)
  }
  turn()
  return () => {
    awake = false
    return idleMs
  }
}
