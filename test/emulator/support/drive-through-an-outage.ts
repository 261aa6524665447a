import { expect } from 'vitest'
import { bothProviders } from './both-providers.ts'
import type { Handled } from './start-example.ts'

export const named = ({ provider, id }: Handled) => `${provider} ${id}`

/** Ends the application, and answers what it handled. `expected` is how many events there were. */
type Stop = (expected: number) => Promise<Handled[]>

/** Register, fire, fail, recover, send again; then what the application handled is compared with what happened. */
export async function driveThroughAnOutage(port: number, start: (origin: string) => Promise<Stop>) {
  const origin = `http://127.0.0.1:${port}`
  const providers = await bothProviders(origin)
  const { emulator } = providers

  await providers.letThingsHappen()
  await expect.poll(() => emulator.deliveries().every(({ attempts }) => attempts.length > 0)).toBe(true)
  const stop = await start(origin)
  providers.outageIsOver()
  await emulator.settled()

  for (const { state, attempts } of emulator.deliveries()) {
    expect(state).toBe('delivered')
    expect(attempts.map(({ status, error }) => status ?? error)).toEqual(['connection refused', 200])
  }
  expect(emulator.deliveries().length).toBeGreaterThan(providers.happened().length) // there were duplicates

  await providers.resendEverything()
  expect(emulator.deliveries().every(({ attempts }) => attempts.at(-1)?.status === 200)).toBe(true)

  const handled = await stop(providers.happened().length)
  expect(handled.map(named).sort()).toEqual(providers.happened())
}
