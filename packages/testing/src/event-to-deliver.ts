import type { KeyObject } from 'node:crypto'

/** Any part of data, at any depth. Lists are given whole. */
export type PartOf<Data> = Data extends readonly unknown[]
  ? Data
  : Data extends object
    ? { readonly [Name in keyof Data]?: PartOf<Data[Name]> | undefined }
    : Data

/** An event that a test wants delivered. What is not given is made up. */
export interface EventToDeliver<Type extends string = string, Data = unknown> {
  readonly type: Type
  /** Laid over the data of a realistic sample of this type. A field that is undefined is taken out. */
  readonly data?: PartOf<Data> | undefined
  /** Defaults to another one for each event. Providers without ids tell events apart by their bodies: no `id` can be given for those. */
  readonly id?: string | undefined
  /** When it happened, as a date or in milliseconds since 1970. Defaults to the time of the receiver's clock. */
  readonly at?: Date | number | undefined
  /** The whole body in place of a sample: an object, which is written as JSON, or a text or bytes, which are sent as they are. */
  readonly payload?: object | string | Uint8Array | undefined
  /** Headers beside those that are signed. */
  readonly headers?: Readonly<Record<string, string>> | undefined
  /** Path and query that it comes by, for secrets that are picked by URL. Defaults to `/webhooks/<provider>`. */
  readonly url?: string | undefined
  /** Which of several secrets signs it, counted from 0. Defaults to the first. */
  readonly secretIndex?: number | undefined
  /** For senders with a key pair: the private key of the public one that the receiver has, as PEM or as an object of `node:crypto`. */
  readonly privateKey?: KeyObject | string | undefined
  /** `wrong` and `missing` are for tests of refusals. Defaults to `right`. */
  readonly signature?: 'right' | 'wrong' | 'missing' | undefined
  /** The signature headers of a body, for a definition whose headers can't be found out. Defaults to what its `readSignature` reads. */
  readonly sign?: ((body: Uint8Array) => Readonly<Record<string, string>>) | undefined
}
