import { afterAll, beforeAll, describe, test } from 'vitest'
import { checks } from '../checks.ts'
import type { Stack } from '../stack.ts'
import type { RunningStack } from './start-stack.ts'

/** A row of `docs/stacks.md`, each of its cells a test. */
export function describeStack(stack: Stack, start: (stack: Stack) => Promise<RunningStack>): void {
  describe(stack.name, () => {
    let running: RunningStack
    beforeAll(async () => {
      running = await start(stack)
    }, 60_000)
    afterAll(() => running?.stop())

    test.for(checks)('$id: $promise', async (check, { skip, onTestFailed }) => {
      onTestFailed(() => void process.stderr.write(`${running.errors.slice(-20).join('\n')}\n`))
      const why = stack.without?.[check.id]
      if (why !== undefined) skip(why)
      await check.run(running, stack)
    })
  })
}
