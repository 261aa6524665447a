import { ConfigurationError } from '@hookport/core'
import { aToken } from '../definition-kit/check-options.ts'

/**
 * Checks the key of a call. Unchecked, a key with a line break would look like an API that does not answer.
 *
 * @param option the name of the option with the key.
 */
export function checkedKey(option: string, key: unknown): string {
  if (typeof key === 'string' && /^[\x21-\x7e]+$/.test(key)) return key
  if (key === undefined || key === null || key === '')
    throw new ConfigurationError(`${option} is missing; is the environment variable that should hold it set?`)
  throw new ConfigurationError(
    typeof key === 'string'
      ? `${option} has white space or characters that a header can't hold, most often a newline from a file; remove them`
      : `${option} is a ${typeof key}, not a string`,
  )
}

/** Loopback, private addresses, and names that only a private network has. */
const privateHost =
  /^(?:0|10|127|169\.254|172\.(?:1[6-9]|2\d|3[01])|192\.168)(?:\.\d+)+$|^\[(?:::1\]|f[cd]|fe[89ab])|^[^.:]+$|\.(?:localhost|internal|svc|test|local)$/

/**
 * The API's URL, without slashes at its end. `fetch` takes none with a password, which would look like an API that does not answer. Over plain http, the
 * key and the events that are found could be read and changed by anybody on the way: that is for emulators.
 */
export function checkedUrl(baseUrl: unknown): string {
  const url = String(baseUrl).replace(/\/+$/, '')
  if (/^https?:\/\//i.test(url) && URL.canParse(url)) {
    const { protocol, hostname, username, password } = new URL(url)
    if (url.includes('#'))
      throw new ConfigurationError(
        'baseUrl has a fragment, which is not sent, and neither would the paths behind it be: leave it out',
      )
    if (username !== '' || password !== '')
      throw new ConfigurationError(
        'baseUrl has a name or a password in it, but calls are authorized by a key: leave them out',
      )
    if (protocol === 'https:' || privateHost.test(hostname)) return url
    throw new ConfigurationError(
      `baseUrl is ${JSON.stringify(url)}, where anybody on the way could read the key and change the answers: use https; http is only for this machine and private networks`,
    )
  }
  const found = baseUrl === undefined ? 'missing' : JSON.stringify(String(baseUrl))
  throw new ConfigurationError(
    `baseUrl is ${found}; it must be the whole URL of the API, such as https://api.example.com`,
  )
}

/** A URL, the same however it is written: an API may write `https://Example.com` as `https://example.com/`. Anything else stays as it is. */
export function asUrl<Written>(written: Written): Written | string {
  return typeof written === 'string' && URL.canParse(written) ? new URL(written).href : written
}

/**
 * An id, encoded for a path.
 *
 * @param name the name of the option, for the error.
 * @throws {ConfigurationError} for an id that would lead to another path, for an empty one, `.` and `..`, and for a value that is not a string.
 */
export function pathSegment(name: string, id: string): string {
  const isId = typeof id === 'string' && !['', '.', '..'].includes(id) && !/\p{Surrogate}/u.test(id)
  if (isId) return encodeURIComponent(id)
  const found = typeof id === 'string' ? JSON.stringify(id) : id === null ? 'null' : typeof id
  throw new ConfigurationError(`${name} is ${found}, which is not an id`)
}

/**
 * Checks the secret that a webhook is registered with. No receiver takes one with white space around it, or the word undefined: all that is signed with it would
 * be refused.
 *
 * @param option the name of the option, for the error. The secret is not shown.
 */
export function checkWebhookSecret(option: string, secret: unknown): void {
  if (secret === undefined || secret === null) return
  if (secret === '')
    throw new ConfigurationError(`${option} is empty; is the environment variable that should hold it set?`)
  if (aToken(secret) !== undefined)
    throw new ConfigurationError(
      `${option} is ${typeof secret === 'string' ? 'the word undefined or null, or has white space around it' : `a ${typeof secret}`}, which no receiver takes for a secret`,
    )
}
