import type { Stack } from '../stack.ts'
import { expressChanges, fastifyChanges } from './changes.ts'

const lambda = { page: 'aws-lambda', front: 'api-gateway' } as const

/** What calls a handler of Lambda, and what is around it. */
export const lambdaStacks: readonly Stack[] = [
  {
    name: 'Lambda, serverless-http',
    ...lambda,
    packages: ['serverless-http', 'express'],
    ...expressChanges(),
  },
  {
    name: 'Lambda, @codegenie/serverless-express',
    ...lambda,
    snippet: 2,
    packages: ['@codegenie/serverless-express', 'express'],
    ...expressChanges(),
  },
  {
    name: 'Lambda, @fastify/aws-lambda',
    ...lambda,
    snippet: 3,
    packages: ['@fastify/aws-lambda', 'fastify'],
    ...fastifyChanges('app.register'),
  },
  {
    name: 'Lambda, the bare event',
    ...lambda,
    snippet: 4,
    packages: ['@types/aws-lambda'],
    without: {
      'other routes': 'the gateway routes requests: other routes are other functions',
      'body kept': 'the event always keeps the body',
      'body taken': 'nothing can take the body out of the event',
      'patched response': 'the reply is a return value: there is no response to patch',
    },
  },
]
