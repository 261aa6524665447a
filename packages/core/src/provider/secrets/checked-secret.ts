import { ConfigurationError } from '../../contracts/errors.ts'

/**
 * Checks a secret and returns it unchanged. An error names the owner and the flaw, never the secret.
 *
 * @param owner the name of the provider, for errors.
 * @param whenNone a sentence, with a space before it, that says what else can be done where there is no secret.
 * @throws {ConfigurationError} where it is missing, empty or padded, or a word such as undefined.
 */
export function checkedSecret(secret: unknown, owner: string, whenNone = ''): string {
  if (typeof secret !== 'string') {
    throw new ConfigurationError(
      `${owner}: a secret is ${secret === null ? 'null' : typeof secret}, not a string; is the environment variable that should hold it set?`,
    )
  }
  if (trim(secret) === '') {
    throw new ConfigurationError(
      `${owner}: the secret is empty; is the environment variable that should hold it set?${whenNone}`,
    )
  }
  if (/^(?:undefined|null|NaN|\[object \w+\])$/.test(secret)) {
    throw new ConfigurationError(
      `${owner}: the secret is the word ${secret}; most often an environment variable that is not set, or a promise, was put into a string`,
    )
  }
  if (secret !== trim(secret)) {
    throw new ConfigurationError(
      `${owner}: the secret begins or ends with white space, most often a newline from a file or a copied space; remove it`,
    )
  }
  return secret
}

/** HMAC pads keys with NULs, so a secret of NULs is the same as an empty one. White space of no width comes with copied text. */
function trim(secret: string): string {
  return secret.replace(/^[\s\0\u200b\u2060]+|[\s\0\u200b\u2060]+$/g, '')
}
