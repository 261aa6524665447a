/**
 * Has an ORM begin a transaction, run work in it and end it. Where work fails and then ROLLBACK does, as on a connection that is lost, ORMs tell of
 * ROLLBACK alone. This tells of what work has failed with, which says what becomes of the event.
 *
 * @throws what `work` or else what `begin` has failed with.
 */
export async function orOwnFailure<Args extends unknown[]>(
  work: (...args: Args) => Promise<void>,
  begin: (work: (...args: Args) => Promise<void>) => PromiseLike<unknown>,
): Promise<void> {
  let failure: { readonly error: unknown } | undefined
  const watched = (...args: Args) =>
    work(...args).catch((error) => {
      failure = { error }
      throw error
    })
  try {
    await begin(watched)
  } catch (error) {
    throw failure ? failure.error : error
  }
}
