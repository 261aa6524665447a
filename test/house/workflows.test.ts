import { existsSync, globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { parse } from 'yaml'

const root = join(import.meta.dirname, '../..')
const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  scripts: Record<string, string>
}

interface Workflow {
  readonly jobs: Record<
    string,
    { readonly steps: readonly { run?: string; with?: Record<string, unknown> }[] }
  >
}

/** Commands of workflows: of their own steps, and those that they give to an action. */
function commands(): string[] {
  const files = globSync('.github/workflows/*.yml', { cwd: root })
  const workflows = files.map((file) => parse(readFileSync(join(root, file), 'utf8')) as Workflow)
  const steps = workflows.flatMap(({ jobs }) => Object.values(jobs).flatMap(({ steps }) => steps))
  return steps
    .flatMap((step) => [step.run, step.with?.version, step.with?.publish])
    .filter((command) => typeof command === 'string')
}

test('every step of a workflow is a script of this repository, which anybody can run', () => {
  const known = ['npm ci', 'npm audit signatures', ...Object.keys(scripts).map((name) => `npm run ${name}`)]
  const others = commands().filter((command) => !known.includes(command))
  expect(others).toEqual(['bash .ci/run'])
  expect(existsSync(join(root, '.ci/run'))).toBe(true)
  expect(commands()).toEqual(
    expect.arrayContaining(['npm run test:all', 'npm run docs', 'npm run release:publish']),
  )
})
