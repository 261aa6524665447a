import type { ServerResponse } from 'node:http'

const patched = ['writeHead', 'setHeader', 'appendHeader', 'removeHeader', 'flushHeaders', 'end'] as const

/**
 * Patches a response as loggers and serverless wrappers do: their versions of its methods work, but return nothing. For the
 * application under audit.
 */
export function patchResponse(response: ServerResponse): void {
  for (const name of patched) {
    const method = response[name] as (...args: unknown[]) => unknown
    Object.assign(response, {
      [name](...args: unknown[]): void {
        method.apply(response, args)
      },
    })
  }
}
