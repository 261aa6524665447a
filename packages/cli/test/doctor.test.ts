import { createHmac, generateKeyPairSync } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { standardWebhooks } from '@hookport/providers/standard-webhooks'
import { twilio } from '@hookport/providers/twilio'
import { sampleEvent, signDelivery } from '@hookport/sender'
import { signedRequest } from '@hookport/testing'
import { temporaryFolder } from '@hookport/testkit/temporary-folder'
import { expect, onTestFinished, test } from 'vitest'
import { hookport } from './support/run-command.ts'

const secret = 'whsec_your_signing_secret_here'
const { headers, body } = signDelivery({
  provider: 'jaot',
  secret,
  event: sampleEvent('jaot', 'credits.low'),
})
const signature = headers['X-Jaot-Signature'] ?? ''

async function fileWith(bytes: Uint8Array): Promise<string> {
  const file = join(temporaryFolder(), 'body.json')
  await writeFile(file, bytes)
  return file
}

async function doctor(bytes: Uint8Array, ...flags: string[]) {
  return hookport(['doctor', '--provider', 'jaot', '--body', await fileWith(bytes), ...flags])
}

test('a signature that matches: exit code 0', async () => {
  const { exitCode, printed } = await doctor(body, '--secret', secret, '--signature', signature)
  expect(printed).toContain('matches')
  expect(exitCode).toBe(0)
})

test('one that does not: the cause, why and the fix; exit code 1; and no secret', async () => {
  const saved = Buffer.concat([body, Buffer.from('\n')])
  const { exitCode, printed, noted } = await doctor(saved, '--secret', secret, '--signature', signature)
  expect(printed).toMatch(
    /^trailing_newline \(undoing it makes the signature match\)\n {2}why: .+\n {2}fix: .+$/,
  )
  expect(exitCode).toBe(1)
  expect(printed + noted).not.toContain(secret)
})

test('--json is the diagnosis', async () => {
  const other = ['--other-secret', `JAOT_SECRET=${secret}`]
  const { printed } = await doctor(body, '--secret', 'a', ...other, '--signature', signature, '--json')
  expect(JSON.parse(printed)).toMatchObject({ cause: 'other_secret', proven: true })
  expect(printed).toContain('JAOT_SECRET')
  expect(printed).not.toContain(secret)
})

test('--header gives headers in place of --signature', async () => {
  const { printed } = await doctor(body, '--secret', secret, '--header', `X-Hub-Signature-256: ${signature}`)
  expect(printed).toContain('wrong_header')
})

test('the signature of a sender that may have a key pair is checked with the public key that is given', async () => {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519')
  const provider = standardWebhooks({ secret: publicKey.export({ format: 'pem', type: 'spki' }).toString() })
  const { headers, body } = await signedRequest(provider, { type: 'a', privateKey })
  const raw = publicKey.export({ format: 'der', type: 'spki' }).subarray(-32)
  const given = Object.entries(headers).flatMap(([name, value]) => ['--header', `${name}: ${value}`])
  const call = ['doctor', '--provider', 'standard-webhooks', ...given]
  const key = ['--secret', `whpk_${raw.toString('base64')}`]
  const whole = await hookport([...call, ...key, '--body', await fileWith(body)])
  expect(whole).toMatchObject({ exitCode: 0, printed: expect.stringContaining('matches') })
  const longer = await fileWith(Buffer.concat([body, Buffer.from('\n')]))
  expect((await hookport([...call, ...key, '--body', longer])).printed).toMatch(/^trailing_newline/)
})

test('a file that is not there: exit code 3', async () => {
  const args = ['--provider', 'jaot', '--secret', 's', '--signature', signature, '--body', '/no/such/file']
  expect(await hookport(['doctor', ...args])).toMatchObject({
    exitCode: 3,
    noted: expect.stringContaining('/no/such/file'),
  })
})

test('a malformed --other-secret is not repeated', async () => {
  const { exitCode, noted } = await doctor(
    body,
    '--secret',
    's',
    '--other-secret',
    'very-secret',
    '--signature',
    'x',
  )
  expect(exitCode).toBe(2)
  expect(noted).not.toContain('very-secret')
})

test.each([
  [
    ['--signature', `${signature.slice(0, 20)}\n${signature.slice(20)}`],
    'no header has such a name or value',
  ],
  [['--signature', '“5f2a”'], 'no header has such a name or value'],
  [['--header', 'bad name: 1'], '--header bad name: 1: no header has such a name or value'],
  [['--signature', signature, '--secret', ''], '--secret is empty'],
])('%j can not be: exit code 2, without a stack', async (args, complaint) => {
  const { exitCode, noted } = await doctor(body, '--secret', 's', ...args)
  expect(exitCode).toBe(2)
  expect(noted).toContain(complaint)
  expect(noted).not.toContain('    at ')
})

test('a sender that signs the URL is diagnosed with --public-url, and not without', async () => {
  const publicUrl = 'https://example.com/webhooks/twilio'
  const signed = await signedRequest(twilio({ secret, publicUrl }), { type: 'message.received' })
  const args = ['doctor', '--provider', 'twilio', '--secret', secret, '--body', await fileWith(signed.body)]
  args.push('--signature', signed.headers['x-twilio-signature'] ?? '')
  expect(await hookport([...args, '--public-url', publicUrl])).toMatchObject({ exitCode: 0 })
  expect(await hookport([...args, '--public-url', `${publicUrl}/other`])).toMatchObject({ exitCode: 1 })
  expect((await hookport([...args, '--public-url', `${publicUrl}/`])).printed).toContain('other_url')
  const { exitCode, printed, noted } = await hookport(args)
  expect([exitCode, printed]).toEqual([2, ''])
  expect(noted).toContain('--public-url is required: twilio signs the URL')
})

test('a definition that has the URL in itself needs no --public-url', async () => {
  const folder = await mkdtemp(join(import.meta.dirname, 'acme-')) // beside this test, so that it finds @hookport/core
  onTestFinished(() => rm(folder, { recursive: true }))
  const file = join(folder, 'acme.mjs')
  await writeFile(
    file,
    `
import { defineProvider, readHexDigest } from '@hookport/core'
export default ({ secret }) => defineProvider({
  name: 'acme', secret, retryHorizon: 0, events: {}, signatureHeaders: ['x-acme-signature'],
  readSignature(headers) {
    const digest = readHexDigest(headers.get('x-acme-signature') ?? '')
    return digest ? { digests: [digest], signedSuffix: 'https://example.com/x' } : 'malformed'
  },
  readEnvelope: () => ({ id: undefined, type: 'any', createdAt: undefined }),
})
`,
  )
  const signed = createHmac('sha256', secret).update(body).update('https://example.com/x/').digest('hex')
  const args = ['doctor', '--provider', file, '--body', await fileWith(body), '--secret', secret]
  const { exitCode, printed } = await hookport([...args, '--signature', signed])
  expect(exitCode).toBe(1)
  expect(printed).toContain('other_url')
})

test.each([
  ['a function of its options', 'export default acme'],
  ['a finished definition', "export default acme({ secret: 'another', publicUrl: 'https://example.com/x' })"],
])('a definition in a file, %s, is diagnosed with the secrets of the command line', async (_, exported) => {
  const folder = await mkdtemp(join(import.meta.dirname, 'acme-')) // beside this test, so that it finds @hookport/core
  onTestFinished(() => rm(folder, { recursive: true }))
  const file = join(folder, 'acme.mjs')
  const definition = `
import { atPublicUrl, defineProvider, readHexDigest } from '@hookport/core'
const acme = ({ secret, publicUrl }) => defineProvider({
  name: 'acme', secret, retryHorizon: 0, events: {}, signatureHeaders: ['x-acme-signature'],
  readSignature(headers, { url }) {
    const digest = readHexDigest(headers.get('x-acme-signature') ?? '')
    return digest ? { digests: [digest], signedPrefix: atPublicUrl(publicUrl, url) } : 'malformed'
  },
  readEnvelope: () => ({ id: undefined, type: 'any', createdAt: undefined }),
})
`
  await writeFile(file, `${definition}${exported}`)
  const publicUrl = 'https://example.com/x'
  const signed = createHmac('sha256', secret).update(publicUrl).update(body).digest('hex')
  const asked = (given: string, ...flags: string[]) =>
    fileWith(body).then((bytes) =>
      hookport(['doctor', '--provider', file, '--body', bytes, '--secret', given, '--signature', ...flags]),
    )
  const at = ['--public-url', publicUrl]
  expect(await asked(secret, signed, ...at)).toMatchObject({ exitCode: 0 })
  expect((await asked(secret, signed.toUpperCase(), ...at)).printed).toContain('upper_case_signature')
  expect((await asked(`${secret} `, signed, ...at)).printed).toContain('padded_secret')
  expect((await asked(secret, signed)).noted).toContain('--public-url is required: acme signs the URL')
})
