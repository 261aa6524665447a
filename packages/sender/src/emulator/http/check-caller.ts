import type { IncomingMessage } from 'node:http'
import { isIP } from 'node:net'
import { ApiError } from './api-error.ts'

/** Names that nobody outside can have: what DNS gives out has a dot, and these endings it does not give out. */
const privateName = /^[^.]+$|\.(localhost|internal|test|local)$/

/**
 * Refuses what a web page sends through its visitor's browser. Such a request has an `Origin` of its own; or, where the page's name was
 * made to point to this machine (DNS rebinding), that name for a `Host`.
 *
 * @param host what the emulator was told to listen on: a name that it has, whatever it looks like.
 * @throws {ApiError} 403.
 */
export function checkCaller({ headers }: IncomingMessage, host: string): void {
  const name = nameIn(`http://${headers.host ?? ''}`)
  if (name === undefined || !(name === host.toLowerCase() || isPrivate(name)))
    throw new ApiError(
      403,
      `the Host ${JSON.stringify(headers.host)} is none of this emulator's: use localhost or its address`,
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
