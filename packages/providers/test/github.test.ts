import { github } from '@hookport/providers/github'
import { heldUnreadable, invalidSignature, received } from '@hookport/testkit/receivers/feed-receiver'
import { sign, verify, verifyWithFallback } from '@octokit/webhooks-methods'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { feed, ourVerdict, posted, type Row, theirVerdict } from './support/compare.ts'

const secret = "It's a Secret to Everybody"
const otherSecret = 'another secret'
const payload = { ref: 'refs/heads/main', commits: [], text: 'größer 🦖' }
const body = JSON.stringify(payload)

/** The headers of a delivery, signed by GitHub's own library. */
async function theirHeaders(text = body, key = secret): Promise<Record<string, string>> {
  return {
    'x-hub-signature-256': await sign(key, text),
    'x-github-event': 'push',
    'x-github-delivery': '72d3162e-cc78-11e3-81ab-4c9367dc0958',
  }
}

const genuine = await theirHeaders()
const signature = genuine['x-hub-signature-256'] ?? ''
const hex = signature.slice('sha256='.length)
const signedAs = (value: string) => ({ ...genuine, 'x-hub-signature-256': value })
const { 'x-hub-signature-256': _, ...unsigned } = genuine

const accepted = { ours: 'accepts', theirs: 'accepts' } as const
const refused = { ours: 'invalid_signature', theirs: 'refuses' } as const
const missing = { ours: 'missing_signature', theirs: 'refuses' } as const

const rows: Row[] = [
  { name: 'as they sign it', headers: genuine, body, ...accepted },
  { name: 'with a body that was changed', headers: genuine, body: `${body} `, ...refused },
  { name: 'with an empty body', headers: genuine, body: '', ...refused },
  { name: 'without a signature', headers: unsigned, body, ...missing },
  { name: 'with an empty signature', headers: signedAs(''), body, ...missing },
  { name: 'signed with another secret', headers: await theirHeaders(body, otherSecret), body, ...refused },
  { name: 'signed over another body', headers: await theirHeaders('{}'), body, ...refused },
  { name: 'with a signature cut off', headers: signedAs(signature.slice(0, -1)), body, ...refused },
  { name: 'with half a signature', headers: signedAs(signature.slice(0, 39)), body, ...refused },
  { name: 'with a byte more', headers: signedAs(`${signature}00`), body, ...refused },
  { name: 'in upper-case', headers: signedAs(`sha256=${hex.toUpperCase()}`), body, ...refused },
  { name: 'with the prefix alone', headers: signedAs('sha256='), body, ...refused },
  { name: 'prefixed twice', headers: signedAs(`sha256=${signature}`), body, ...refused },
  { name: 'under sha1=', headers: signedAs(`sha1=${hex}`), body, ...refused },
  { name: 'under sha512=', headers: signedAs(`sha512=${hex}`), body, ...refused },
  { name: 'without its prefix', headers: signedAs(hex), body, ...refused },
  {
    name: 'with a list of signatures',
    headers: signedAs(`sha256=${'0'.repeat(64)}, ${signature}`),
    body,
    ...refused,
  },
  {
    name: 'with the old header only',
    headers: { ...unsigned, 'x-hub-signature': signature },
    body,
    ...missing,
  },
]

describe('what GitHub’s own library says, hookport says', () => {
  test.each(rows)(
    'a delivery $name: ours $ours, theirs $theirs',
    async ({ headers, body, ours, theirs, because }) => {
      const verdict = await theirVerdict(() => verify(secret, body, headers['x-hub-signature-256'] ?? ''))
      expect(verdict).toBe(theirs)
      expect(await ourVerdict(github({ secret }), { headers, body })).toBe(ours)
      if (theirs === 'refuses') expect(ours).not.toBe('accepts')
      else if (ours !== 'accepts') expect(because).toBeDefined()
    },
  )
})

test('the known answer of GitHub’s documentation holds', async () => {
  const headers = signedAs('sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17')
  const { deliver } = feed(github({ secret }))
  const authenticButNoEvent = heldUnreadable
  expect(await deliver(posted('Hello, World!', headers))).toEqual(authenticButNoEvent)
  expect(await deliver(posted('Hello, World?', headers))).toEqual(invalidSignature)
})

test('while one secret replaces another, either signs, as with their fallback', async () => {
  const { deliver, seen } = feed(github({ secret: [otherSecret, secret] }))
  const newer = `${body}\n`
  const byNew = await theirHeaders(newer, otherSecret)
  expect(await verifyWithFallback(secret, newer, byNew['x-hub-signature-256'] ?? '', [otherSecret])).toBe(
    true,
  )
  expect(await deliver(posted(body, genuine))).toEqual(received)
  expect(await deliver(posted(newer, byNew))).toEqual(received)
  expect(seen.map(({ secretIndex }) => secretIndex)).toEqual([1, 0])
})

describe('identity', () => {
  test('is the body: a replay under another delivery id is a duplicate', async () => {
    const { deliver, handled, seen } = feed(github({ secret }))
    for (const delivery of ['1', '2', '', undefined]) {
      const { 'x-github-delivery': _, ...others } = genuine
      const headers = { ...others, ...(delivery !== undefined && { 'x-github-delivery': delivery }) }
      expect(await deliver(posted(body, headers))).toEqual(received)
    }
    expect(handled).toHaveLength(1)
    expect(seen).toMatchObject([
      { outcome: 'accepted' },
      ...Array(3).fill({ outcome: 'duplicate', conflict: false }),
    ])
  })

  test.each(['issues', 'ping', 'pull_request', 'release', 'workflow_run'])(
    'a replay named %s, which its body is not, reaches no handler',
    async (name) => {
      const { deliver, handled, seen } = feed(github({ secret }))
      expect(await deliver(posted(body, { ...genuine, 'x-github-event': name }))).toEqual(heldUnreadable)
      expect(handled).toEqual([])
      expect(seen).toHaveLength(1) // taken on as unreadable
    },
  )

  test('a replay under a name that its body does not contradict is a duplicate of the first', async () => {
    const { deliver, handled, seen } = feed(github({ secret }))
    await deliver(posted(body, genuine))
    await deliver(posted(body, { ...genuine, 'x-github-event': 'star' }))
    expect(handled.map(({ type }) => type)).toEqual(['push'])
    expect(seen.map(({ outcome }) => outcome)).toEqual(['accepted', 'duplicate'])
  })

  test.each(['', 'push, push', 'Push', 'pu sh', '__proto__!', 'x'.repeat(61), '../push'])(
    'a header that names no event, %j, is refused',
    async (name) => {
      const { deliver } = feed(github({ secret }))
      expect(await deliver(posted(body, { ...genuine, 'x-github-event': name }))).toEqual(heldUnreadable)
    },
  )

  test.each(['constructor', '__proto__', 'watch'])('%s is an event name like another', async (name) => {
    const { deliver, handled } = feed(github({ secret }))
    expect(await deliver(posted(body, { ...genuine, 'x-github-event': name }))).toEqual(received)
    expect(handled.map(({ type }) => type)).toEqual([name])
  })

  test('a field that the payload only inherits is none of its own', async () => {
    const text = '{"__proto__":{"ref":"refs/heads/main","commits":[]}}'
    const { deliver } = feed(github({ secret }))
    expect(await deliver(posted(text, await theirHeaders(text)))).toEqual(heldUnreadable)
  })
})

test('data is the whole payload, checked where its type has a schema', async () => {
  const events = { push: z.looseObject({ ref: z.string() }) }
  const { deliver, handled, deadLetters } = feed(github({ secret, events }))
  await deliver(posted(body, genuine))
  const misfit = JSON.stringify({ ...payload, ref: 7 })
  expect(await deliver(posted(misfit, await theirHeaders(misfit)))).toEqual(received)
  expect(handled.map(({ data }) => data)).toEqual([payload])
  await expect.poll(deadLetters).toHaveLength(1)
})

test('a body that begins with a byte order mark, or blanks, is JSON as any other', async () => {
  for (const text of [`\ufeff${body}`, ` \r\n\t${body}`, `\ufeff\n${body}`]) {
    const { deliver, handled } = feed(github({ secret }))
    expect(await deliver(posted(text, await theirHeaders(text)))).toEqual(received)
    expect(handled.map(({ type, data }) => [type, data])).toEqual([['push', payload]])
  }
})

test.each([
  'null',
  '"x"',
  '7',
  '[]',
  `[${body}]`,
  '{',
  '<star/>',
  'action=created',
  'payload=',
  'payload=7',
  'payload=[]',
])(
  'a body that is neither a JSON object nor a form of one reaches no handler, whatever its header names it: %j',
  async (text) => {
    const { deliver, handled, deadLetters } = feed(github({ secret }))
    const headers = { ...(await theirHeaders(text)), 'x-github-event': 'star' }
    expect(await deliver(posted(text, headers))).toEqual(heldUnreadable)
    expect(handled).toEqual([])
    expect(await deadLetters()).toEqual([expect.stringMatching(/^the body is authentic, but it is n/)])
  },
)
