import { ConfigurationError } from '../../contracts/errors.ts'
import type { SignatureAlgorithm } from '../../contracts/provider/provider.ts'
import type {
  KeySource,
  PickedKeys,
  PickedSecrets,
  SecretDecoder,
  SecretOption,
  Secrets,
  SignatureKey,
  TenantSecrets,
} from '../../contracts/provider/secret.ts'
import { signatureAlgorithms } from '../../keys/signature-key.ts'
import { isLate } from '../../time/awaitable.ts'
import { checkedSecret } from './checked-secret.ts'

const whenNone = ' A sender that has no secret is received with allowUnsigned: true'

/** How keys are made from secrets. */
interface KeyMaker {
  /** The provider's name, for errors. */
  readonly name: string
  readonly algorithm: SignatureAlgorithm
  readonly decode: SecretDecoder
}

/** @throws {ConfigurationError} where a secret is missing, empty or padded, or is not a key of the algorithm. */
export function keySource(secret: SecretOption, maker: KeyMaker): KeySource {
  if (typeof secret === 'function') {
    return async (request) => pickedKeys(await secret(request), maker)
  }
  const keys = keysOf(secret, maker)
  if (keys.length === 0)
    throw new ConfigurationError(`${maker.name}: the list of secrets is empty; give at least one`)
  return keys
}

function pickedKeys(picked: PickedSecrets, maker: KeyMaker): PickedKeys {
  if (picked === undefined || picked === null) return { tenant: undefined, keys: [] }
  if (!isOfTenant(picked)) return { tenant: undefined, keys: keysOf(picked, maker) }
  return { tenant: checkedTenant(picked.tenant, maker.name), keys: keysOf(picked.secret, maker) }
}

function isOfTenant(picked: Secrets | TenantSecrets): picked is TenantSecrets {
  return typeof picked === 'object' && !Array.isArray(picked)
}

/** All tenants whose name is missing would share an empty name. */
function checkedTenant(tenant: unknown, provider: string): string {
  if (typeof tenant === 'string' && tenant !== '') return tenant
  throw new ConfigurationError(
    `${provider}: the function that picks the secret returned ${tenant === '' ? 'an empty tenant' : `a tenant that is ${tenant === null ? 'null' : typeof tenant}`}; give a string that is not empty, or the secret alone where there are no tenants`,
  )
}

function keysOf(secrets: Secrets, maker: KeyMaker): readonly SignatureKey[] {
  return [secrets].flat().map((secret) => keyOf(secret, maker))
}

function keyOf(secret: unknown, { name, algorithm, decode }: KeyMaker): SignatureKey {
  const { isPublic, makeKey } = signatureAlgorithms[algorithm]
  if (!isPublic)
    return makeKey(checkedKey(decoded(checkedSecret(secret, name, whenNone), name, decode), name))
  const text = checkedSecret(typeof secret === 'string' ? secret.trim() : secret, name, whenNone) // a PEM file ends in a newline
  try {
    const key = decode(text)
    if (isLate(key)) throw new Error('decodeSecret returned a promise')
    return makeKey(key)
  } catch (error) {
    if (error instanceof ConfigurationError) throw error
    const reason = error instanceof Error ? error.message : String(error)
    throw new ConfigurationError(
      `${name}: secret must be the public key of the sender, for ${algorithm}, but it can't be read as one: ${reason}`,
      { cause: error },
    )
  }
}

/** An error of a decoder may contain the secret, so its message is not repeated. */
function decoded(secret: string, provider: string, decode: SecretDecoder): unknown {
  try {
    return decode(secret)
  } catch (error) {
    if (error instanceof ConfigurationError) throw error
    const thrown = error instanceof Error ? error.name : typeof error
    throw new ConfigurationError(
      `${provider}: decodeSecret threw ${thrown}, so the secret can't be read; is it the secret of this sender, and complete?`,
    )
  }
}

/** HMAC accepts any key, and pads it with NULs. An empty key, or one of NULs, is a key that everybody knows. */
function checkedKey(key: unknown, provider: string): Uint8Array {
  if (isBytes(key) && key.some((byte) => byte !== 0)) return key
  const found = isBytes(key) ? 'an empty key' : isLate(key) ? 'a promise' : typeof key
  throw new ConfigurationError(
    `${provider}: decodeSecret returned ${found}; it must return the bytes of the key synchronously, as a Uint8Array`,
  )
}

/** In a test's sandbox, what `TextEncoder` and `Buffer` make is no instance of the sandbox's own `Uint8Array`. */
function isBytes(value: unknown): value is Uint8Array {
  return Object.prototype.toString.call(value) === '[object Uint8Array]'
}
