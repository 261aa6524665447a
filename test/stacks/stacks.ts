import type { Stack } from './stack.ts'
import { functionStacks } from './table/functions.ts'
import { lambdaStacks } from './table/lambda.ts'
import { nestStacks } from './table/nest.ts'
import { nodeStacks } from './table/node.ts'
import { webStacks } from './table/web.ts'

/** The rows of `docs/stacks.md`. */
export const stacks: readonly Stack[] = [
  ...nodeStacks,
  ...nestStacks,
  ...webStacks,
  ...lambdaStacks,
  ...functionStacks,
]
