/**
 * Waits for all of them to end, also where one rejects: an end that fails does not cut the others short.
 *
 * @throws what the first of them rejects with.
 */
export async function allEnded(ending: readonly Promise<unknown>[]): Promise<void> {
  const ends = await Promise.allSettled(ending)
  const failed = ends.find((end) => end.status === 'rejected')
  if (failed) throw failed.reason
}
