import { AsyncLocalStorage } from 'node:async_hooks'

// biome-ignore lint/suspicious/noExplicitAny: whatever is asserted
type Assertion = (...given: any[]) => unknown

/** A run of a test whose expectations are marked. */
export interface WatchedRun {
  /** An expectation that is passed over, by its place. */
  readonly blanked: string | undefined
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
    const failed = (error: unknown) => {
      run.failed.add(place)
      throw error
    }
    return (...given) => {
      try {
        const result = assertion(...given)
        return result instanceof Promise ? result.catch(failed) : result
      } catch (error) {
        return failed(error)
      }
    }
  },
}

function blank(...given: readonly unknown[]): void {
  for (const one of given) if (one instanceof Promise) one.catch(() => {})
}

/** Runs a test, and tells which expectations it met, and which of them failed. */
export async function watched(
  test: () => Promise<unknown>,
  blanked?: string,
): Promise<WatchedRun & { readonly result: PromiseSettledResult<unknown> }> {
  const run: WatchedRun = { blanked, met: new Set(), failed: new Set() }
  const [result] = await runs.run(run, () => Promise.allSettled([test()]))
  return { ...run, result }
}
