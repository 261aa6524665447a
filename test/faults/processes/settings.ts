/** What the processes of a stack are told through their environment. */
export interface Settings {
  readonly REDIS_URL: string
  readonly QUEUE_NAME: string
  readonly LEASE_MS: string
  /** The file outside Redis that effects are written to. */
  readonly EFFECTS: string
  /** The folder that remembers which crash points were reached. */
  readonly POINTS: string
}

export function readSetting(name: keyof Settings): string {
  const value = process.env[name]
  if (value === undefined) throw new Error(`${name} is not set`)
  return value
}

export const secret = 'secret-of-the-fault-tests'

/** When the test ends badly, the process ends with it. On SIGTERM it leaves as a deployed one does. */
export function endWithTheTest(drain: () => void): void {
  const end = () => process.exit(1)
  process.once('disconnect', end)
  process.once('SIGTERM', () => {
    process.off('disconnect', end)
    process.disconnect()
    drain()
  })
}
