const windowMs = 3 * 24 * 3600_000
const retryMs = 1_000

/**
 * What people write by hand who want the promises of a memory inbox, as far as twenty-five lines go: an event is taken on once within three days,
 * its handler runs after the reply, and once more if it fails.
 */
export function onceWithRetry<Event extends { id: string }>(
  run: (event: Event) => Promise<void>,
): (event: Event) => Promise<void> {
  const seen = new Map<string, number>()
  setInterval(() => {
    const now = Date.now()
    for (const [id, until] of seen) {
      if (until > now) break // they are in the order of their time
      seen.delete(id)
    }
  }, 60_000).unref()

  const handle = (event: Event) =>
    run(event).catch(() => setTimeout(() => run(event).catch(console.error), retryMs))

  return async (event) => {
    const until = seen.get(event.id)
    if (until !== undefined && until > Date.now()) return
    seen.set(event.id, Date.now() + windowMs)
    setImmediate(handle, event)
  }
}
