import { createHash } from 'node:crypto'
import { type FormFields, memoryInbox, type ProviderDefinition } from '@hookport/core'
import { inboxInFront } from '@hookport/core/testing'
import { expect, test } from 'vitest'
import { acme, acmeSecret, post, sign, signedPost } from '../support/acme.ts'
import { acmeReceiver } from '../support/acme-receiver.ts'

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')

const idless = '{"type":"order.paid"}'

/** Takes the id that a body has, and none where it has none. */
const readEnvelope: ProviderDefinition['readEnvelope'] = ({ id, type }) => {
  if (typeof type !== 'string') throw new Error('it has no type')
  return { id: id as string | undefined, type, createdAt: undefined }
}

test('an id that a sender writes like the digest of another event does not hide that event', async () => {
  const { receiver, observed } = acmeReceiver({ provider: acme({ secret: acmeSecret, readEnvelope }) })
  const unreadable = '{"no":"type"}'
  for (const id of [`sha256:${sha256(idless)}`, `unreadable:${sha256(unreadable)}`])
    await receiver.receive(signedPost(JSON.stringify({ id, type: 'order.paid' })))
  await receiver.receive(signedPost(idless))
  await receiver.receive(signedPost(unreadable))
  expect(observed.accepted).toHaveLength(4)
  expect(new Set(observed.accepted.map(({ key }) => key)).size).toBe(4)
  expect(observed.duplicate).toEqual([])
})

/** A sender that signs the fields of a form, sorted. */
const ofForms = (readable: boolean) =>
  acme({
    secret: acmeSecret,
    body: 'form',
    readSignature: (headers) => ({
      digests: [Buffer.from(headers.get('x-acme-signature') ?? '', 'hex')],
      signedPrefix: 'url:',
      otherSignedPrefixes: ['port:'],
      signedFields: (fields: FormFields) => [...fields].flat().sort().join(),
    }),
    readEnvelope: ({ type }) => {
      if (!readable) throw new Error('not yet')
      return { id: undefined, type: String(type), createdAt: undefined }
    },
  })

test('a signed form that could not be read is, when it is read, the event of its other spellings', async () => {
  const kept = memoryInbox()
  const inbox = inboxInFront(kept, { close: async () => {} })
  const forms = ['type=order.sent&x=1', 'x=1&type=order%2Esent']
  const headers = { 'x-acme-signature': sign('port:1,order.sent,type,x') }

  const before = acmeReceiver({ provider: ofForms(false), inbox })
  for (const form of forms) expect((await before.receiver.receive(post(form, headers))).status).toBe(200)
  expect(before.observed.duplicate).toHaveLength(1)
  await before.receiver.stop()

  const { receiver, observed } = acmeReceiver({ provider: ofForms(true), inbox })
  receiver.onAnyEvent(() => {})
  expect(await receiver.redriveAll()).toBe(1)
  await receiver.idle()
  expect(observed.handled.map(({ id }) => id)).toEqual([`sha256:${sha256('port:1,order.sent,type,x')}`])
  for (const form of forms) await receiver.receive(post(form, headers))
  await receiver.idle()
  expect(observed.accepted).toEqual([])
  expect(observed.handled).toHaveLength(1)
  await receiver.stop()
})

test('what is signed in the place of the body identifies an event that has no id', async () => {
  const provider = acme({
    secret: acmeSecret,
    readSignature: (headers) => ({
      digests: [Buffer.from(headers.get('x-acme-signature') ?? '', 'hex')],
      signedPrefix: 'https://acme.example/1',
      signedBodySha256: createHash('sha256').update(idless).digest(),
    }),
    readEnvelope,
  })
  const { receiver, observed } = acmeReceiver({ provider })
  const headers = { 'x-acme-signature': sign('https://acme.example/1') }
  expect((await receiver.receive(post(idless, headers))).status).toBe(200)
  expect(observed.accepted).toMatchObject([{ id: `sha256:${sha256('https://acme.example/1')}` }])
})
