import { generateKeyPairSync } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createReceiver, type Provider } from '@hookport/core'
import { nodeWebhooks } from '@hookport/core/node'
import { providersByName } from '@hookport/providers/by-name'
import { twilio } from '@hookport/providers/twilio'
import { sampleTypes } from '@hookport/testing'
import { serveApp } from '@hookport/testkit/http/serve-and-post'
import { temporaryFolder } from '@hookport/testkit/temporary-folder'
import { describe, expect, onTestFinished, test } from 'vitest'
import { hookport } from './support/run-command.ts'

const secret = `whsec_${Buffer.alloc(32, 7).toString('base64')}`
const keys = generateKeyPairSync('ed25519')

/** A receiver that keeps the bodies that it took on. */
async function start(make: (url: string) => Provider) {
  const bodies: { type: string; body: unknown; id: string }[] = []
  let receiver: ReturnType<typeof createReceiver> | undefined
  const url = await serveApp((request, response) => nodeWebhooks(receiver as never)(request, response))
  const provider = make(url)
  receiver = createReceiver({ provider, logger: false, dedupeWindow: 8 * 24 * 3600_000 })
  receiver.onAnyEvent(({ type, id, payload }) => void bodies.push({ type, id, body: payload }))
  onTestFinished(() => receiver?.stop())
  return { url, bodies, idle: () => receiver?.idle() }
}

const send = (...args: string[]) => hookport(['send', ...args], { env: { HOOKPORT_SECRET: secret } })

const makers: Record<string, (url: string) => Provider> = Object.fromEntries(
  Object.entries(providersByName).map(([name, make]) => [name, () => make({ secret })]),
)
makers.twilio = (publicUrl) => twilio({ secret, publicUrl })
makers.discord = () =>
  (providersByName.discord as NonNullable<(typeof providersByName)[string]>)({
    secret: keys.publicKey.export({ format: 'der', type: 'spki' }).toString('base64'),
  })

/** Flags that a provider needs beside the secret. */
function flagsOf(name: string): string[] {
  if (name !== 'discord') return []
  const file = join(temporaryFolder(), 'key.pem')
  writeFileSync(file, keys.privateKey.export({ format: 'pem', type: 'pkcs8' }))
  return ['--private-key', file]
}

test('a form in a file is sent as one, and a field of it can be set', async () => {
  const { url, bodies, idle } = await start((publicUrl) => twilio({ secret, publicUrl }))
  const file = join(temporaryFolder(), 'sms.txt')
  writeFileSync(file, 'MessageSid=SM1&Body=It+rains')
  const args = ['--provider', 'twilio', '--url', url, '--body', file, '--set', 'Body=Hi']
  expect(await send(...args, '--set', 'Place={"city":"Bern"}')).toMatchObject({ exitCode: 0, noted: '' })
  await idle()
  expect(bodies).toMatchObject([{ body: { MessageSid: 'SM1', Body: 'Hi', Place: '{"city":"Bern"}' } }])
})

describe.each(Object.entries(makers))('send --provider %s', (name, make) => {
  const type = name === 'sematryx' || name === 'jaot' ? [] : ['--type', sampleTypes(name)[0] ?? '']

  test('a sample is taken on', async () => {
    const { url, bodies, idle } = await start(make)
    const sent = await send('--provider', name, '--url', url, ...type, ...flagsOf(name))
    expect(sent).toMatchObject({ exitCode: 0, printed: expect.stringContaining('everything as expected') })
    await idle()
    expect(bodies).toHaveLength(1)
  })

  test('a field that is set is in the body, and signed', async () => {
    const { url, bodies, idle } = await start(make)
    const sent = await send(
      '--provider',
      name,
      '--url',
      url,
      ...type,
      ...flagsOf(name),
      '--set',
      'noted=by hand',
    )
    expect(sent).toMatchObject({ exitCode: 0 })
    await idle()
    expect(JSON.stringify(bodies)).toContain('"noted":"by hand"')
  })
})

test.each([
  ['commits.message=x', 'commits is a list: its items are 0, 1, 2 …, and it has no message'],
  ['commits.length=0', 'commits is a list'],
  ['ref.name=x', 'ref is not an object'],
])('--set %s is refused, where it would change nothing that is sent', async (set, sentence) => {
  const sent = await send('--provider', 'github', '--type', 'push', '--set', set, '--url', 'http://localhost')
  expect(sent).toMatchObject({ exitCode: 2, noted: expect.stringContaining(sentence) })
})

test('--set reads numbers, words and lists, makes what is missing, and touches no prototype', async () => {
  const { url, bodies, idle } = await start(() => makers.stripe?.('') as Provider)
  const set = [
    'data.object.amount_paid=7',
    'data.object.note=late',
    'data.a.b=[1,true]',
    '__proto__.polluted=yes',
  ]
  await send(
    '--provider',
    'stripe',
    '--type',
    'invoice.paid',
    '--url',
    url,
    ...set.flatMap((one) => ['--set', one]),
  )
  await idle()
  expect(bodies).toMatchObject([
    { body: { data: { object: { amount_paid: 7, note: 'late', status: 'paid' }, a: { b: [1, true] } } } },
  ])
  expect({}).not.toHaveProperty('polluted')
})

test('--body is sent byte for byte, and changed where --set says so', async () => {
  const { url, bodies, idle } = await start(() => makers.stripe?.('') as Provider)
  const file = join(temporaryFolder(), 'delivery.json')
  writeFileSync(file, '{ "id": "evt_1", "type": "invoice.paid", "created": 1, "data": {} }')
  const at = ['--provider', 'stripe', '--url', url, '--body', file]
  expect(await send(...at)).toMatchObject({ exitCode: 0 })
  expect(await send(...at, '--set', 'id=evt_2')).toMatchObject({ exitCode: 0 })
  await idle()
  expect(bodies.map(({ id }) => id)).toEqual(['evt_1', 'evt_2'])
  expect(await send('--provider', 'stripe', '--url', url, '--body', `${file}.not`)).toMatchObject({
    exitCode: 3,
  })
})

test('--body of a sender that names types in a header needs --type', async () => {
  const file = join(temporaryFolder(), 'delivery.json')
  writeFileSync(file, '{ "ref": "refs/heads/main", "commits": [] }')
  const { url, bodies, idle } = await start(() => makers.github?.('') as Provider)
  const at = ['--provider', 'github', '--url', url, '--body', file]
  expect(await send(...at)).toMatchObject({
    exitCode: 2,
    noted: expect.stringContaining('--type is required'),
  })
  expect(await send(...at, '--type', 'push')).toMatchObject({ exitCode: 0 })
  await idle()
  expect(bodies).toMatchObject([{ type: 'push' }])
})

test('many events are different ones, and the report adds up', async () => {
  const { url, bodies, idle } = await start(() => makers.stripe?.('') as Provider)
  const { printed } = await send('--provider', 'stripe', '--url', url, '--count', '50', '--json')
  expect(JSON.parse(printed)).toMatchObject({
    deliveries: 50,
    attempts: 50,
    replies: { 200: 50 },
    unexpected: 0,
    seed: null,
  })
  await idle()
  expect(new Set(bodies.map(({ id }) => id)).size).toBe(50)
})

test('a refusal is unexpected: exit code 1, and what came back', async () => {
  const { url } = await start(() => makers.stripe?.('') as Provider)
  const sent = await hookport(['send', '--provider', 'stripe', '--url', url, '--secret', 'another'])
  expect(sent).toMatchObject({ exitCode: 1, noted: expect.stringContaining('401, code invalid_signature') })
})

test('nobody there: exit code 1, with the reason', async () => {
  const sent = await send('--provider', 'stripe', '--url', 'http://127.0.0.1:1')
  expect(sent.exitCode).toBe(1)
  expect(sent.printed).toMatch(/bad port|ECONNREFUSED/)
})

describe('--provider FILE', () => {
  const definition = `
import { defineProvider, readHexDigest, requireText } from '@hookport/core'
const acme = ({ secret }) => defineProvider({
  name: 'acme', secret, retryHorizon: 0, events: {}, signatureHeaders: ['x-acme-signature'],
  readSignature(headers) {
    const digest = readHexDigest(headers.get('x-acme-signature') ?? '')
    return digest ? { digests: [digest] } : 'missing'
  },
  readEnvelope: (payload) => ({ id: requireText(payload, 'id'), type: requireText(payload, 'type'), createdAt: undefined }),
})
`
  /** Beside this test, so that it finds @hookport/core. */
  async function written(text: string): Promise<string> {
    const { mkdtemp, rm } = await import('node:fs/promises')
    const folder = await mkdtemp(join(import.meta.dirname, 'acme-'))
    onTestFinished(() => rm(folder, { recursive: true }))
    const file = join(folder, 'acme.mjs')
    writeFileSync(file, text)
    return file
  }

  test.each([
    ['by default', 'export default acme'],
    ['by a name', 'export { acme }'],
    ['ready made', `export default acme({ secret: '${secret}' })`],
  ])('a definition that is exported %s is signed for', async (_, exported) => {
    const file = await written(definition + exported)
    const { default: byDefault, acme = byDefault } = await import(file)
    const { url, bodies, idle } = await start(() => (typeof acme === 'function' ? acme({ secret }) : acme))
    expect(await send('--provider', file, '--type', 'order.paid', '--url', url)).toMatchObject({
      exitCode: 0,
    })
    await idle()
    expect(bodies).toMatchObject([{ type: 'order.paid' }])
  })

  test.each([
    ['answers nothing', 'export default () => {}', 'returned undefined; it must return'],
    [
      'answers later',
      'export default async () => acme({})',
      'returned a promise; it must return, synchronously',
    ],
    ['answers half a definition', 'export default () => ({ readSignature: 1 })', 'returned object; it must'],
    ['is half a definition', 'export default { readSignature: 1 }', 'it exports 0 definitions'],
    ['throws a text', "throw 'no licence'", 'no licence'],
  ])('what %s is told in a sentence that names the file', async (_, exported, sentence) => {
    const file = await written(`${definition}${exported}`)
    const sent = await send('--provider', file, '--type', 'order.paid', '--url', 'http://localhost')
    expect(sent).toMatchObject({ exitCode: 3, noted: expect.stringContaining(sentence) })
    expect(sent.noted).toMatch(new RegExp(`^hookport: --provider ${file}: .*$`))
  })

  test('without a type, a definition, or a file: said so', async () => {
    const at = ['--url', 'http://localhost']
    expect(await send('--provider', await written(`${definition}export default acme`), ...at)).toMatchObject({
      exitCode: 2,
      noted: expect.stringContaining('--type is required: acme has no samples'),
    })
    expect(await send('--provider', await written('export const a = 1'), ...at)).toMatchObject({
      exitCode: 3,
      noted: expect.stringContaining('it exports 0 definitions'),
    })
    expect(await send('--provider', './not-there.ts', ...at)).toMatchObject({ exitCode: 3 })
  })
})

describe('trigger', () => {
  const trigger = (...args: string[]) => hookport(['trigger', ...args], { env: { HOOKPORT_SECRET: secret } })

  test('sends a realistic event of the provider whose type it is', async () => {
    const { url, bodies, idle } = await start(() => makers.github?.('') as Provider)
    expect(await trigger('pull_request', '--url', url, '--set', 'action=closed')).toMatchObject({
      exitCode: 0,
    })
    await idle()
    expect(bodies).toMatchObject([
      { type: 'pull_request', body: { action: 'closed', pull_request: { state: 'open' } } },
    ])
  })

  test('of sematryx and jaot too', async () => {
    const { url, bodies, idle } = await start(() => makers.sematryx?.('') as Provider)
    expect(await trigger('optimization.failed', '--url', url)).toMatchObject({ exitCode: 0 })
    await idle()
    expect(bodies).toMatchObject([{ type: 'optimization.failed' }])
  })

  test('--list prints types, and nothing else', async () => {
    const { printed, noted, exitCode } = await trigger('--list', '--provider', 'shopify')
    expect([exitCode, noted]).toEqual([0, ''])
    expect(printed.split('\n')).toContain('shopify  orders/create')
    const { printed: lines } = await trigger('--list', '--json')
    expect(lines.split('\n').map((line) => JSON.parse(line))).toContainEqual({
      provider: 'slack',
      type: 'message',
    })
  })
})

test('a reply that never ends takes up no memory', async () => {
  const url = await serveApp((_request, response) => {
    const chunk = Buffer.alloc(1024 * 1024)
    const write = () => void (response.destroyed || response.write(chunk, () => setImmediate(write)))
    write()
  })
  const before = process.memoryUsage().arrayBuffers + process.memoryUsage().heapUsed
  const sent = await send('--provider', 'stripe', '--url', url, '--timeout-ms', '1500')
  const held = process.memoryUsage().arrayBuffers + process.memoryUsage().heapUsed - before
  expect(sent).toMatchObject({ exitCode: 1, noted: expect.stringContaining('timed out after 1500 ms') })
  expect(held).toBeLessThan(100 * 1024 * 1024)
})

test.each(['stripe', 'sematryx'])(
  'credentials in the URL are those of basic authentication, and are not shown: %s',
  async (provider) => {
    const asked: (string | undefined)[] = []
    const url = await serveApp((request, response) => {
      asked.push(request.headers.authorization)
      response.end()
    })
    const sent = await send('--provider', provider, '--url', url.replace('://', '://user:pass%20word@'))
    expect(sent.exitCode).toBe(0)
    expect(asked).toEqual([`Basic ${Buffer.from('user:pass word').toString('base64')}`])
    expect(sent.printed + sent.noted).not.toContain('pass')
  },
)

test('a --private-key that is none: exit code 2, and the flag is named', async () => {
  const file = join(temporaryFolder(), 'key.pem')
  writeFileSync(file, '{}')
  const sent = await send('--provider', 'discord', '--url', 'http://localhost', '--private-key', file)
  expect(sent).toMatchObject({
    exitCode: 2,
    noted: expect.stringContaining('--private-key: the file has no private key in PEM'),
  })
})
