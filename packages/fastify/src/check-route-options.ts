import { assertOptions, ConfigurationError, foundValue } from '@hookport/core'
import type { RouteOptions } from './mount-receiver.ts'

type Check = readonly [fits: (value: unknown) => boolean, wanted: string]

const aString: Check = [(value) => typeof value === 'string', 'a string']

const checks: Readonly<Record<keyof RouteOptions, Check>> = {
  path: aString,
  prefix: aString,
  logLevel: aString, // Fastify knows the levels
  bodyLimit: [(value) => Number.isSafeInteger(value) && (value as number) > 0, 'a whole number of 1 or more'],
  logPerRequest: [(value) => typeof value === 'boolean', 'true or false'],
}

/**
 * Checks what is given to `register`.
 *
 * @param known the options of the plugin beside those of its route, by name.
 * @param call the name of the plugin, for errors.
 * @throws {ConfigurationError} for an unknown option, or a value that the route can't have.
 */
export function checkRouteOptions(given: RouteOptions, known: object, call: string): void {
  assertOptions(given, { ...known, ...checks }, call, '')
  for (const [name, [fits, wanted]] of Object.entries(checks)) {
    const value = given[name as keyof RouteOptions]
    if (value === undefined || fits(value)) continue
    throw new ConfigurationError(`${call}: ${name} is ${foundValue(value)}; it must be ${wanted}`)
  }
}

/** @throws {ConfigurationError} for what is no name of a decoration. */
export function checkDecoration(decorate: unknown, call: string): void {
  if (typeof decorate === 'string' && decorate !== '') return
  throw new ConfigurationError(
    `${call}: decorate is ${foundValue(decorate)}; it must be the name of the decoration`,
  )
}
