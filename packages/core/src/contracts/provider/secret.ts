import type { UnverifiedRequest } from '../delivery.ts'

/** Computes the HMAC (RFC 2104) of `prefix`, in UTF-8, and the content behind it, under the key that it was made with. */
export type Hmac = (content: Uint8Array, prefix?: string) => Uint8Array | Promise<Uint8Array>

/** Tells whether the owner of a private key has signed a content. */
export interface PublicKey {
  verify(signature: Uint8Array, content: Uint8Array): boolean | Promise<boolean>
}

/** What deliveries are verified with. */
export type SignatureKey = Hmac | PublicKey

/** One secret, or several while it is rotated. A delivery is tried under each. */
export type Secrets = string | readonly string[]

/** The secrets of one tenant, and its name: not empty, any Unicode. It is part of the identity of its events. */
export interface TenantSecrets {
  readonly tenant: string
  readonly secret: Secrets
}

/** What a function picks. Undefined: it knows no such tenant, and the delivery is answered 401. */
export type PickedSecrets = Secrets | TenantSecrets | undefined

/**
 * The secret shared with the sender: one; several, while one replaces another (any of them may match); or a function that
 * picks by URL or headers, and may say whose secret it is. A function that throws, or takes longer than `acceptTimeout`, is a store that
 * failed: 503, and the sender tries again.
 */
export type SecretOption = Secrets | ((request: UnverifiedRequest) => PickedSecrets | Promise<PickedSecrets>)

/** The keys that a delivery may be signed with, and whose they are. */
export interface PickedKeys {
  readonly tenant: string | undefined
  readonly keys: readonly SignatureKey[]
}

/** Picks the keys of a delivery. */
export type KeyPicker = (request: UnverifiedRequest) => Promise<PickedKeys>

/** The keys that a delivery may be signed with, in the order of the secrets. */
export type KeySource = readonly SignatureKey[] | KeyPicker

/** Turns a secret as its owner writes it, or a public key, into the bytes of the key. */
export type SecretDecoder = (secret: string) => Uint8Array
