import { httpProbe } from '@hookport/conformance'
import { targetAt, withoutNode } from '@hookport/testkit/audits/audited-receivers'
import { describeAudits } from '@hookport/testkit/audits/describe-audits'
import { afterAll, beforeAll } from 'vitest'
import { describeStack } from '../stacks/support/describe-stack.ts'
import { nextAppRouter, nextPagesRouter } from '../stacks/table/next.ts'
import { describeInspected } from './support/describe-inspected.ts'
import { describeSamples } from './support/describe-samples.ts'
import { runningRecipe, writeNextRecipes } from './support/next-recipes.ts'
import { type RunningNext, startNext } from './support/next-server.ts'

let app: RunningNext

beforeAll(async () => {
  await writeNextRecipes()
  app = await startNext()
}, 120_000)
afterAll(() => app?.stop())

const edge = 'Next, edge runtime'
const readFirst = 'Next reads the body to its end before it calls an edge route'
const skips = { H503: readFirst, H504: readFirst, H505: readFirst, H806: readFirst }
const routers = {
  'Next, App Router': '/app-router',
  'Next, Pages Router': '/api/pages-router',
  [edge]: '/edge',
}

/** All three with TEST_ALL. The adapter is the same for all, and has its own tests. */
const tried = Object.entries(routers).filter(
  ([, path]) => process.env.TEST_ALL !== undefined || path === '/app-router',
)

for (const [name, path] of tried) {
  const origin = () => app.origin + path
  const probe = () => httpProbe(`${name === edge ? origin() : app.origin}/probe`)
  const target = () => targetAt(origin(), probe())
  describeAudits(
    name,
    () => (name === 'Next, Pages Router' ? target() : withoutNode(target())),
    name === edge ? skips : {},
  )
  describeSamples(name, origin, probe)
}

for (const stack of [nextAppRouter, nextPagesRouter])
  describeStack(stack, async () => runningRecipe(stack, () => app))

describeInspected('Next, App Router', () => `${app.origin}/inspected`)
