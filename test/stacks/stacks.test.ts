import { servedStacks } from './stacks.ts'
import { describeStack } from './support/describe-stack.ts'
import { startStack } from './support/start-stack.ts'

for (const stack of servedStacks) describeStack(stack, startStack)
