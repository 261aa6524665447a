import type { Post } from '../http/post-event.ts'
import { type AuditEvent, newEvent, toBytes } from '../target/audit-event.ts'
import type { AuditTarget } from '../target/audit-target.ts'

type Sending = Pick<Post, 'body' | 'headers'>

interface Forgery {
  id: string
  what: string
  code?: 'missing_signature' | 'invalid_signature'
  forge(event: AuditEvent, target: AuditTarget): Sending
}

/** Ways to send an event that its sender did not sign. */
export const forgeries: Forgery[] = [
  {
    id: 'H120',
    what: 'without a signature',
    code: 'missing_signature',
    forge: ({ body }, target) => signedWith(target, body, undefined),
  },
  {
    id: 'H121',
    what: 'with an empty signature',
    code: 'missing_signature',
    forge: ({ body }, target) => signedWith(target, body, ''),
  },
  {
    id: 'H122',
    what: 'with a signature that is none',
    forge: ({ body }, target) => signedWith(target, body, 'nonsense, \u00e9'),
  },
  {
    id: 'H123',
    what: 'with a signature that is cut short',
    forge: ({ body }, target) => signedWith(target, body, signatureOf(target, body).slice(0, -1)),
  },
  {
    id: 'H124',
    what: 'with a signature that goes on',
    forge: ({ body }, target) => signedWith(target, body, `${signatureOf(target, body)}00`),
  },
  {
    id: 'H125',
    what: 'with another algorithm named before the signature',
    forge: ({ body }, target) =>
      signedWith(target, body, `sha512=${signatureOf(target, body).replace(/^.*=/, '')}`),
  },
  {
    id: 'H126',
    what: 'with two signature headers, one of which matches',
    forge: ({ body }, target) =>
      signedWith(target, body, [signatureOf(target, body), signatureOf(target, toBytes('{}'))]),
  },
  {
    id: 'H127',
    what: 'signed with another secret',
    forge: ({ body }, target) => signedWith(target, body, target.provider.sign(body, `${target.secret}2`)),
  },
  {
    id: 'H128',
    what: 'with the signature of another event',
    forge: ({ body }, target) => signedWith(target, body, signatureOf(target, newEvent(target).body)),
  },
  {
    id: 'H129',
    what: 'with the signature of an empty body',
    forge: ({ body }, target) => signedWith(target, body, signatureOf(target, toBytes(''))),
  },
  {
    id: 'H130',
    what: 'in which one bit was changed',
    forge: ({ body }, target) => signedWith(target, flipBit(body), signatureOf(target, body)),
  },
  {
    id: 'H131',
    what: 'with white space that was not signed',
    forge: ({ body }, target) =>
      signedWith(target, Buffer.concat([body, toBytes('\n')]), signatureOf(target, body)),
  },
  {
    id: 'H132',
    what: 'that only reads as what was signed once it is decoded',
    forge(event, target) {
      const withCharacter = (bytes: Buffer) =>
        Buffer.concat([event.body.subarray(0, -1), toBytes(',"x":"'), bytes, toBytes('"}')])
      const signed = withCharacter(Buffer.from('\ufffd')) // decoders put it in place of a byte that is not UTF-8
      return signedWith(target, withCharacter(Buffer.of(0xff)), signatureOf(target, signed))
    },
  },
  {
    id: 'H133',
    what: 'that says the same in other bytes',
    forge: ({ body, payload }, target) =>
      signedWith(target, toBytes(JSON.stringify(payload, null, 1)), signatureOf(target, body)),
  },
]

export function signedWith(
  { provider }: AuditTarget,
  body: Uint8Array,
  signature: string | string[] | undefined,
): Sending {
  return { body, headers: { [provider.signatureHeader]: signature } }
}

export function signatureOf({ provider, secret }: AuditTarget, body: Uint8Array): string {
  return provider.sign(body, secret)
}

/** Changes a letter of the body's last word: the JSON stays JSON. */
function flipBit(body: Uint8Array): Uint8Array {
  const changed = Buffer.from(body)
  const index = changed.lastIndexOf('"') - 1
  changed[index] = (changed[index] as number) ^ 1
  return changed
}
