import { type KeyObject, sign as signWith } from 'node:crypto'
import type { HeaderReader, Provider, SignatureClaim } from '@hookport/core'
import { signableTexts } from '@hookport/core/testing'
import { CannotSign } from './cannot-sign.ts'
import { besideDigest, type HeaderForm, headerForms, standIn } from './header-forms.ts'

interface Signing {
  readonly provider: Provider
  readonly url: string
  readonly body: Uint8Array
  readonly id: string
  /** When it is signed, in milliseconds since 1970. */
  readonly at: number
  /** Other headers of the delivery, which a function that picks secrets may read. */
  readonly headers: Readonly<Record<string, string>>
  readonly secretIndex: number
  readonly privateKey: KeyObject | string | undefined
}

type Headers = Readonly<Record<string, string>>

/** Headers as a definition reads them, with the claim that it finds. */
interface Understood {
  readonly headers: Headers
  readonly claim: SignatureClaim
  readonly form: HeaderForm
  /** The header that holds the digest. */
  readonly header: string
}

/**
 * The signature headers of a body. Their form is found by trial: headers are made up in each known form, until the definition's `readSignature`
 * finds the digest in them. Then the claim that it returns is signed.
 *
 * @throws {CannotSign} if it understands none of the known forms, if there is no such secret, or if a private key is needed.
 */
export async function signHeaders(signing: Signing): Promise<Headers> {
  const { provider, body } = signing
  if (provider.keys === undefined) return {}
  const understood = findForm(signing)
  if (understood === undefined) {
    throw new CannotSign(
      `how ${provider.name} writes its signature could not be worked out; pass sign: (body) => ({ '${provider.signatureHeaders[0]}': … })`,
    )
  }
  const { claim, form, headers, header } = understood
  const [content] = signableTexts(claim, body)
  if (content === undefined)
    throw new CannotSign(`${provider.name} can't have signed this body: the body must be a form`)
  const digest = Buffer.from(await digestOf(content, signing)).toString(form.encoding)
  return { ...headers, [header]: form.around(digest, Math.floor(signing.at / 1000)) }
}

function findForm(signing: Signing): Understood | undefined {
  for (const form of headerForms(signing.provider.signaturePrefix)) {
    const understood = understand(signing, form)
    if (understood !== undefined) return understood
  }
  return undefined
}

function understand(signing: Signing, form: HeaderForm): Understood | undefined {
  const { provider, url, at } = signing
  const digest = standIn(provider.algorithm)
  const [header = '', ...others] = provider.signatureHeaders
  const made = new Map([[header, form.around(digest.toString(form.encoding), Math.floor(at / 1000))]])
  for (const name of others) if (!/signature$/.test(name)) made.set(name, besideDigest(name, signing, form))
  const read: Record<string, string> = {}
  const reader: HeaderReader = {
    get(name) {
      const value = made.get(name) ?? signing.headers[name]
      if (value !== undefined && made.has(name)) read[name] = value
      return value
    },
  }
  const claim = reading(() => provider.readSignature(reader, { method: 'POST', url }))
  if (typeof claim !== 'object' || !claim.digests.some((found) => digest.equals(found))) return undefined
  const isNow = claim.signedAt === undefined || Math.abs(claim.signedAt - at) <= 1_000
  return isNow ? { headers: read, claim, form, header } : undefined
}

function reading<Result>(read: () => Result): Result | undefined {
  try {
    return read()
  } catch {
    return undefined // a definition may not expect what is made up here
  }
}

async function digestOf(content: Uint8Array, signing: Signing): Promise<Uint8Array> {
  const { provider, privateKey } = signing
  if (provider.algorithm === 'ed25519' || provider.algorithm === 'ecdsa-p256') {
    if (privateKey === undefined)
      throw new CannotSign(
        `${provider.name} signs with a private key: pass privateKey, which belongs to the receiver's public key`,
      )
    return signWith(provider.algorithm === 'ed25519' ? null : 'sha256', content, privateKey)
  }
  const key = (await keysOf(signing))[signing.secretIndex]
  if (typeof key !== 'function')
    throw new CannotSign(`${provider.name} has no secret ${signing.secretIndex} for this delivery`)
  return key(content)
}

async function keysOf({ provider: { keys = [] }, url, headers }: Signing) {
  if (typeof keys !== 'function') return keys
  const named = new Map(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]))
  const picked = await keys({ url, headers: { get: (name) => named.get(name) } })
  return picked.keys
}
