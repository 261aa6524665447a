import type { KeyObject } from 'node:crypto'

/** Any part of data, at any depth. A list is given as a whole. */
export type PartOf<Data> = Data extends readonly unknown[]
  ? Data
  : Data extends object
    ? { readonly [Name in keyof Data]?: PartOf<Data[Name]> | undefined }
    : Data

/** An event that a test delivers. What is not given is made up. */
export interface EventToDeliver<Type extends string = string, Data = unknown> {
  readonly type: Type
  /** Merged into the data of a realistic sample of this type. A field that is undefined is removed. Not beside `payload`. */
  readonly data?: PartOf<Data> | undefined
  /** Defaults to a new one for each event. If a provider has no ids, its events are told apart by their bodies, and no `id` can be given. */
  readonly id?: string | undefined
  /** When it happened, as a date or in milliseconds since 1970. Defaults to the time of the receiver's clock. Not beside `payload`. */
  readonly at?: Date | number | undefined
  /** The whole body instead of a sample: an object, which is written as JSON, or a string or bytes, which are sent as they are. */
  readonly payload?: object | string | Uint8Array | undefined
  /** Further headers, beside those of the signature. */
  readonly headers?: Readonly<Record<string, string>> | undefined
  /** The path and query of the request, for secrets that are picked by URL. Defaults to `/webhooks/<provider>`. */
  readonly url?: string | undefined
  /** Which of several secrets signs it, counted from 0. Defaults to the first. */
  readonly secretIndex?: number | undefined
  /** For senders with a key pair: the private key that belongs to the receiver's public key, as PEM or as an object of `node:crypto`. */
  readonly privateKey?: KeyObject | string | undefined
  /** `wrong` and `missing` are for tests of refusals. Defaults to `right`. */
  readonly signature?: 'right' | 'wrong' | 'missing' | undefined
  /** The signature headers of a body, for a definition whose headers can't be worked out. Defaults to what its `readSignature` reads. */
  readonly sign?: ((body: Uint8Array) => Readonly<Record<string, string>>) | undefined
}
