import { hmacSha256 } from '../bytes/hmac-sha256.ts'
import { ConfigurationError } from '../contracts/errors.ts'
import type { Hmac, KeySource, SecretDecoder, SecretOption, Secrets } from '../contracts/secret.ts'

/** @throws {ConfigurationError} where a secret is missing, empty or padded, or `decode` does not take it. */
export function keySource(secret: SecretOption, provider: string, decode: SecretDecoder): KeySource {
  if (typeof secret === 'function') {
    return async (request) => keysOf((await secret(request)) ?? [], provider, decode)
  }
  const keys = keysOf(secret, provider, decode)
  if (keys.length === 0)
    throw new ConfigurationError(`${provider}: the list of secrets is empty; give at least one`)
  return keys
}

function keysOf(secrets: Secrets, provider: string, decode: SecretDecoder): readonly Hmac[] {
  return [secrets].flat().map((secret) => hmacSha256(decode(checkedSecret(secret, provider))))
}

/** An error in a secret names the provider and the flaw, never the secret. */
function checkedSecret(secret: unknown, provider: string): string {
  if (typeof secret !== 'string') {
    throw new ConfigurationError(
      `${provider}: a secret is ${secret === null ? 'null' : typeof secret}, not a string; is the environment variable that should hold it set?`,
    )
  }
  if (trim(secret) === '') {
    throw new ConfigurationError(
      `${provider}: the secret is empty; is the environment variable that should hold it set? A sender that has no secret is received with allowUnsigned: true`,
    )
  }
  if (secret !== trim(secret)) {
    throw new ConfigurationError(
      `${provider}: the secret begins or ends with white space, most often a newline from a file or a copied space; remove it`,
    )
  }
  return secret
}

/** HMAC fills keys up with NULs, so that a secret of NULs is the empty one. */
function trim(secret: string): string {
  return secret.replace(/^[\s\0]+|[\s\0]+$/g, '')
}
