import { stacks } from './stacks.ts'
import { describeStack } from './support/describe-stack.ts'
import { startStack } from './support/start-stack.ts'

for (const stack of stacks) describeStack(stack, startStack)
