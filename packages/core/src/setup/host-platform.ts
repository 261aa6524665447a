import { timersEndWithRequest } from '../time/timers-end-with-request.ts'

/** Variables that a platform sets in the environment of each of its processes. */
const platforms: readonly (readonly [variable: string, name: string])[] = [
  ['VERCEL', 'Vercel'],
  ['AWS_LAMBDA_FUNCTION_NAME', 'AWS Lambda'],
  ['FUNCTIONS_WORKER_RUNTIME', 'Azure Functions'],
  ['K_SERVICE', 'Cloud Run'], // Google's functions run there, too
]

/** The platform of this process, if it freezes processes after a reply, ends them at any time, and runs several of them side by side. Undefined elsewhere. */
export function fleetingPlatform(): string | undefined {
  if (timersEndWithRequest()) return 'an edge runtime'
  const env = typeof process === 'object' ? process.env : undefined
  return platforms.find(([variable]) => env?.[variable])?.[1]
}
