import type { IncomingMessage } from 'node:http'
import { isIP } from 'node:net'
import { ApiError } from './api-error.ts'

/** Names that nobody outside can have. Names in DNS have a dot, and never have these endings. */
const privateName = /^[^.]+$|\.(localhost|internal|test|local)$/

/**
 * Refuses requests that a web page sends through its visitor's browser. Such a request has an `Origin` of its own; or, where the page's name was
 * changed to point to this machine (DNS rebinding), that name as its `Host`.
 *
 * @param host the host that the emulator listens on. It is always accepted.
 * @throws {ApiError} 403.
 */
export function checkCaller({ headers }: IncomingMessage, host: string): void {
  const name = nameIn(`http://${headers.host ?? ''}`)
  if (name === undefined || !(name === host.toLowerCase() || isPrivate(name)))
    throw new ApiError(
      403,
      `the Host ${JSON.stringify(headers.host)} is not this emulator's: use localhost or its address`,
    )
  if (headers.origin !== undefined && headers.origin !== `http://${headers.host}`)
    throw new ApiError(403, `web pages of ${JSON.stringify(headers.origin)} may not use the emulator`)
}

function isPrivate(name: string): boolean {
  return isIP(name.replace(/^\[(.*)\]$/, '$1')) !== 0 || privateName.test(name)
}

function nameIn(url: string): string | undefined {
  return URL.canParse(url) ? new URL(url).hostname : undefined
}
