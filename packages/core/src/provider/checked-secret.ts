import { ConfigurationError } from '../contracts/errors.ts'

/**
 * A secret as it was given. An error names its owner and the flaw, never the secret.
 *
 * @param owner whose it is, for errors: the provider's name.
 * @param whenNone what else may be done where there is none: a sentence with a space before it.
 * @throws {ConfigurationError} where it is missing, empty or padded, or a word that stands for none.
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
  if (secret === 'undefined' || secret === 'null') {
    throw new ConfigurationError(
      `${owner}: the secret is the word ${secret}, most often an environment variable that was not set where a text was put together`,
    )
  }
  if (secret !== trim(secret)) {
    throw new ConfigurationError(
      `${owner}: the secret begins or ends with white space, most often a newline from a file or a copied space; remove it`,
    )
  }
  return secret
}

/** HMAC fills keys up with NULs, so that a secret of NULs is the empty one. */
function trim(secret: string): string {
  return secret.replace(/^[\s\0]+|[\s\0]+$/g, '')
}
