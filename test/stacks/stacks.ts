import type { Stack } from './stack.ts'
import { functionStacks } from './table/functions.ts'
import { lambdaStacks } from './table/lambda.ts'
import { nestStacks } from './table/nest.ts'
import { nextAppRouter, nextPagesRouter } from './table/next.ts'
import { nodeStacks } from './table/node.ts'
import { webStacks } from './table/web.ts'

/** Those whose pages are run by `stacks.test.ts`. */
export const servedStacks: readonly Stack[] = [
  ...nodeStacks,
  ...nestStacks,
  ...webStacks,
  ...lambdaStacks,
  ...functionStacks,
]

/** The rows of `docs/stacks.md`. */
export const stacks: readonly Stack[] = [...servedStacks, nextAppRouter, nextPagesRouter]
