import { ConfigurationError } from '@hookport/core'

/**
 * What a call is authorized by. Unchecked, a key with a line break in it would look like an API that does not answer.
 *
 * @param option that holds it.
 */
export function checkedKey(option: string, key: unknown): string {
  if (typeof key === 'string' && /^[\x21-\x7e]+$/.test(key)) return key
  if (key === undefined || key === null || key === '')
    throw new ConfigurationError(`${option} is missing; is the environment variable that should hold it set?`)
  throw new ConfigurationError(
    typeof key === 'string'
      ? `${option} has white space in it, or what no header can hold, most often a newline from a file; remove it`
      : `${option} is a ${typeof key}, not a string`,
  )
}

/** Where the API is, without slashes at its end. */
export function checkedUrl(baseUrl: unknown): string {
  const url = String(baseUrl).replace(/\/+$/, '')
  if (/^https?:\/\//i.test(url) && URL.canParse(url)) return url
  const found = baseUrl === undefined ? 'missing' : JSON.stringify(String(baseUrl))
  throw new ConfigurationError(
    `baseUrl is ${found}; it must be the whole URL of the API, such as https://api.example.com`,
  )
}
