import { inspect } from 'node:util'
import { Redaction } from '@hookport/core/redact'
import { describe, expect, test } from 'vitest'

const left = (body: string, about: string, ...paths: string[]) => {
  const { text, hide } = new Redaction(paths).of({ rawBody: Buffer.from(body) })
  return { text, about: hide(about) }
}

describe('what was taken out of a payload stands in no text about it', () => {
  test('where a form has a field more than once: neither value does', () => {
    const body = 'email=ada%40example.com&email=bob%40example.com&n=1'
    expect(left(body, 'no ada@example.com, and no bob@example.com', 'email')).toEqual({
      text: '{"email":"[redacted]","n":"1"}',
      about: 'no [redacted], and no [redacted]',
    })
    const nested = ['Ada L', 'Bob M'].map((name) => `payload=${encodeURIComponent(JSON.stringify({ name }))}`)
    expect(left(nested.join('&'), 'Ada L, Bob M', 'name').about).toBe('[redacted], [redacted]')
  })

  test.each([
    ['12345.50', '12345.5'],
    ['12345678901234567890', '12345678901234567000'],
    ['4.9170e11', '491700000000'],
  ])('where a number was sent as %s: neither so, nor as a handler has it, %s', (sent, had) => {
    expect(left(`{"card":${sent}}`, `no ${sent}, no ${had}.`, 'card').about).toBe(
      'no [redacted], no [redacted].',
    )
  })

  test('where the body escapes it, as PHP does, and an error quotes the body', () => {
    const body = '{"name":"https:\\/\\/x.example\\/M\\u00fcller"}'
    expect(left(body, `bad body ${body}`, 'name').about).toBe('bad body {"name":"[redacted]"}')
  })

  test('where the body escapes it, as Python does, and an error quotes the body', () => {
    const body = '{"name":"M\\u00fcller \\ud83d\\ude00"}'
    expect(left(body, `Müller 😀 of ${body}`, 'name').about).toBe('[redacted] of {"name":"[redacted]"}')
  })
})

test.each([
  ['ΓΙΩΡΓΟΣ', 'no user ΓΙΩΡΓΟΣ.k'],
  ['ΓΙΩΡΓΟΣ', 'no user γιωργοσ.k'],
  ['Γιώργος', 'no user ΓΙΏΡΓΟΣ.k'],
  ['İbrahim', 'no user i̇brahim.k'],
  ['Strauß', 'no user STRAUSS.k'],
])(
  'a value, %s, is not shown in letters of another case either, where they are other ones: %s',
  (name, about) => {
    expect(left(JSON.stringify({ name }), about, 'name').about).toBe('no user [redacted].k')
  },
)

test('what was taken out as an object or a list hides its values, and no other words', () => {
  const body = '{"card":{"number":"4242 4242","tags":["mine","hers"]}}'
  const about = 'at [object Object], of 4242 4242, mine and hers'
  expect(left(body, about, 'card').about).toBe('at [object Object], of [redacted], [redacted] and [redacted]')
})

/** JSON in ASCII, as Python writes it by default. */
const inPython = (json: string) =>
  json.replace(/[\u0080-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)

test.each([
  ['as JSON in JSON', (body: string) => JSON.stringify({ request: body })],
  [
    'as JSON in JSON, as Python writes both',
    (body: string) => inPython(JSON.stringify({ request: inPython(body) })),
  ],
  [
    'as JSON in JSON of which Python has written the inner one',
    (body: string) => JSON.stringify({ request: inPython(body) }),
  ],
  ['as Node shows objects', (body: string) => inspect(JSON.parse(body))],
])('a value with quotes and lines shows nowhere where an error quotes the body %s', (_, quote) => {
  const body = JSON.stringify({ data: { address: 'Bäcker "Zum Ofen"\nHauptstraße 1' } })
  const { hide } = new Redaction(['data.address']).of({ rawBody: Buffer.from(body) })
  expect(hide(quote(body))).not.toMatch(/Ofen|Haupt/)
})

test.each(['headers.Authorization', 'headers.authorization', 'headers.AUTHORIZATION'])(
  'a kept header is taken out whatever case %s is written in, and its value stands in no text',
  (path) => {
    const headers = { authorization: 'Bearer abc', accept: '*/*' }
    const request = { url: '/', headers }
    const left = new Redaction([path]).of({ rawBody: Buffer.from('{}'), request })
    expect(left.headers).toEqual({ authorization: '[redacted]', accept: '*/*' })
    expect(left.hide('sent with Bearer abc')).toBe('sent with [redacted]')
  },
)

test('of more values than can be searched for in a moment, nothing of a text is kept, and none of them is shown', () => {
  const solution = Array.from({ length: 50_000 }, (_, index) => index + 0.123)
  const { text = '', about } = left(
    JSON.stringify({ id: 'evt_1', solution }),
    'it ends in 49999.123',
    'solution.*',
  )
  expect(JSON.parse(text)).toEqual({ id: 'evt_1', solution: solution.map(() => '[redacted]') })
  expect(about).toBe('[redacted]')
})

test('of a thousand values, texts are kept without them', () => {
  const solution = Array.from({ length: 1_000 }, (_, index) => index + 0.123)
  expect(left(JSON.stringify({ solution }), 'it ends in 999.123', 'solution').about).toBe(
    'it ends in [redacted]',
  )
})
