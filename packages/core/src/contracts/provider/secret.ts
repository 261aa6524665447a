import type { UnverifiedRequest } from '../delivery.ts'

/** Computes the HMAC (RFC 2104), under its key, of `prefix` in UTF-8 followed by the content. */
export type Hmac = (content: Uint8Array, prefix?: string) => Uint8Array | Promise<Uint8Array>

/** Checks whether the owner of a private key has signed a content. */
export interface PublicKey {
  verify(signature: Uint8Array, content: Uint8Array): boolean | Promise<boolean>
}

/** What deliveries are verified with. */
export type SignatureKey = Hmac | PublicKey

/** One secret, or several during a rotation. A delivery is tried with each. */
export type Secrets = string | readonly string[]

/** The secrets of one tenant, and the tenant's name: not empty, any Unicode. The name is part of the identity of its events. */
export interface TenantSecrets {
  readonly tenant: string
  readonly secret: Secrets
}

/** What a function answers. Undefined means that it knows no such tenant, and the delivery is answered 401. */
export type PickedSecrets = Secrets | TenantSecrets | undefined

/**
 * The secret shared with the sender. It is one secret; or several while one replaces another, any of which may match; or a function that picks by URL
 * or headers, and may name the tenant. If the function throws, or takes longer than `acceptTimeout`, the delivery is answered 503, and the sender
 * tries again.
 */
export type SecretOption = Secrets | ((request: UnverifiedRequest) => PickedSecrets | Promise<PickedSecrets>)

/** The keys that may have signed a delivery, and their tenant. */
export interface PickedKeys {
  readonly tenant: string | undefined
  readonly keys: readonly SignatureKey[]
}

/** Picks the keys of a delivery. */
export type KeyPicker = (request: UnverifiedRequest) => Promise<PickedKeys>

/** The keys that may have signed a delivery, in the order of the secrets. */
export type KeySource = readonly SignatureKey[] | KeyPicker

/** Turns a secret as people write it, or a public key, into the bytes of the key. */
export type SecretDecoder = (secret: string) => Uint8Array
