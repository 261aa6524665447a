import { AsyncLocalStorage } from 'node:async_hooks'

// biome-ignore lint/suspicious/noExplicitAny: whatever is asserted
type Assertion = (...given: any[]) => unknown

/** Is told when an expectation begins, with its arguments, and when it has come to its end. */
export interface Follower {
  begins(place: string): void
  ends(place: string): void
}

/** A run of a test whose expectations are marked. */
export interface WatchedRun {
  /** An expectation that is passed over, by its place. */
  readonly blanked: string | undefined
  readonly follower: Follower | undefined
  readonly met: Set<string>
  readonly failed: Set<string>
}

const runs = new AsyncLocalStorage<WatchedRun>()

declare global {
  var expectations: { called(place: string, assertion: Assertion): Assertion }
}

globalThis.expectations = {
  called: (place, assertion) => {
    const run = runs.getStore()
    if (!run) return assertion
    run.met.add(place)
    if (place === run.blanked) return blank
    run.follower?.begins(place)
    const passed = (result: unknown) => {
      run.follower?.ends(place)
      return result
    }
    const failed = (error: unknown) => {
      run.failed.add(place)
      throw error
    }
    return (...given) => {
      try {
        const result = assertion(...given)
        return result instanceof Promise ? result.then(passed, failed) : passed(result)
      } catch (error) {
        return failed(error)
      }
    }
  },
}

function blank(...given: readonly unknown[]): void {
  for (const one of given) if (one instanceof Promise) one.catch(() => {})
}

interface Watching {
  readonly blanked?: string | undefined
  readonly follower?: Follower
}

/** Runs a test, and tells which expectations it met, and which of them failed. */
export async function watched(
  test: () => Promise<unknown>,
  { blanked, follower }: Watching = {},
): Promise<WatchedRun & { readonly result: PromiseSettledResult<unknown> }> {
  const run: WatchedRun = { blanked, follower, met: new Set(), failed: new Set() }
  const [result] = await runs.run(run, () => Promise.allSettled([test()]))
  return { ...run, result }
}
