import { createHmac } from 'node:crypto'
import { describe, expect, onTestFinished, test } from 'vitest'
import {
  createSender,
  type Mischief,
  mischiefNames,
  type OutgoingRequest,
  type PlannedDelivery,
  type PlanOptions,
  planDeliveries,
  sampleEvent,
  sendPlan,
} from '../src/index.ts'
import { answerWith, startReceiver } from './start-receiver.ts'

const secret = 'your-webhook-secret'
const now = Date.UTC(2026, 10, 20, 12)
const events = (count: number) =>
  Array.from({ length: count }, (_, seed) =>
    sampleEvent('sematryx', 'optimization.failed', { seed, at: now }),
  )

function plan(mischief: Mischief, { count = 20, ...more }: { count?: number } & Partial<PlanOptions> = {}) {
  const options = { provider: 'sematryx', secret, mischief, now, ...more } as PlanOptions
  return [...planDeliveries(events(count), options)]
}

function flat(mischief: Mischief, count = 20): PlannedDelivery[] {
  return plan(mischief, { count }).flatMap(({ deliveries }) => [...deliveries])
}

/** Tampering leaves the signature, which tells deliveries apart. */
const idOfTampered = ({ request }: PlannedDelivery) => signatureOf(request)
const idOf = ({ request }: PlannedDelivery) => JSON.parse(Buffer.from(request.body).toString()).id
const signatureOf = ({ headers }: OutgoingRequest) => headers['X-Sematryx-Signature']
const hmac = (key: string, body: Uint8Array) => createHmac('sha256', key).update(body).digest('hex')
const verifies = ({ request }: PlannedDelivery, key = secret) =>
  signatureOf(request) === hmac(key, request.body)

const clean = flat({})

test('without mischief, everything is as the provider sends it, in order', () => {
  expect(clean.map(idOf)).toEqual(events(20).map(({ id }) => id))
  expect(clean.every((planned) => verifies(planned))).toBe(true)
  expect(clean.every(({ mischief, expected }) => mischief.length === 0 && expected === 'success')).toBe(true)
})

test('a misspelt mischief, or option of a plan, is an error: it would have no effect', () => {
  const wire = { provider: 'jaot', secret } as const
  expect(() => planDeliveries([], { ...wire, mischief: { tampr: 1 } as object })).toThrow(
    'mischief has no option tampr; the options are tamper, ',
  )
  expect(() => planDeliveries([], { ...wire, sed: 1 } as PlanOptions)).toThrow(
    'planDeliveries has no option sed',
  )
})

describe('reproducible', () => {
  const everything: Mischief = {
    ...Object.fromEntries(mischiefNames.map((name) => [name, 0.3])),
    oversizeBytes: 10,
    reorder: 4,
  }

  test('the same seed gives the same plan, another seed another', () => {
    expect(plan(everything, { seed: 7 })).toEqual(plan(everything, { seed: 7 }))
    expect(plan(everything, { seed: 7 })).not.toEqual(plan(everything, { seed: 8 }))
  })

  test.each(mischiefNames)('%s strikes the same events, whatever else goes wrong', (name) => {
    const struckBy = (mischief: Mischief) =>
      flat(mischief, 100)
        .map((planned, index) => (planned.mischief.includes(name) ? index : -1))
        .filter((index) => index >= 0)
    const other = name === 'tamper' ? 'stale' : 'tamper'
    const oversizeBytes = 10
    expect(struckBy({ oversizeBytes, [name]: 0.3 })).toEqual(
      struckBy({ oversizeBytes, [name]: 0.3, [other]: 0.5 }),
    )
    expect(struckBy({ oversizeBytes, [name]: 0.3 }).length).toBeGreaterThan(10)
    expect(struckBy({ oversizeBytes, [name]: 0.3 }).length).toBeLessThan(60)
  })
})

test('a larger share strikes all that a smaller one does', () => {
  const struckBy = (tamper: number) =>
    flat({ tamper }, 100)
      .filter(({ mischief }) => mischief.length > 0)
      .map(idOfTampered)
  const few = struckBy(0.1)
  expect(few.length).toBeGreaterThan(0)
  expect(struckBy(0.5)).toEqual(expect.arrayContaining(few))
})

describe('what it does to a delivery', () => {
  test('tamper: one byte of the body is another one, length and headers stay', () => {
    for (const [index, { request, expected }] of flat({ tamper: 1 }).entries()) {
      const { headers, body } = (clean[index] as PlannedDelivery).request
      expect(request.headers).toEqual(headers)
      expect([...request.body].filter((byte, at) => byte !== body[at])).toHaveLength(1)
      expect(expected).toBe('refusal')
    }
  })

  test('wrongSignature: other digits, of the same form', () => {
    const spoiled = flat({ wrongSignature: 1 })
    expect(spoiled.every(({ request }) => /^[0-9a-f]{64}$/.test(signatureOf(request) ?? ''))).toBe(true)
    expect(spoiled.some((planned) => verifies(planned))).toBe(false)
  })

  test('wrongSignature, JAOT: the prefix stays', () => {
    const event = sampleEvent('jaot', 'credits.low')
    const [volley] = planDeliveries([event], { provider: 'jaot', secret, mischief: { wrongSignature: 1 } })
    expect(volley?.deliveries[0]?.request.headers['X-Jaot-Signature']).toMatch(/^sha256=[0-9a-f]{64}$/)
  })

  test('missingSignature: no header; the others stay', () => {
    expect(flat({ missingSignature: 1 })[0]?.request.headers).toEqual({ 'Content-Type': 'application/json' })
  })

  test('truncatedSignature: half of it', () => {
    const [first] = flat({ truncatedSignature: 1 })
    expect(signatureOf(first?.request as OutgoingRequest)).toBe(
      signatureOf((clean[0] as PlannedDelivery).request)?.slice(0, 32),
    )
  })

  test('wrongSecret: signed, but not with the secret', () => {
    const spoiled = flat({ wrongSecret: 1 })
    expect(spoiled.some((planned) => verifies(planned))).toBe(false)
    expect(spoiled.map(({ request }) => request.body)).toEqual(clean.map(({ request }) => request.body))
  })

  test.each([
    ['stale', { stale: 1, staleByMs: 5_000 }, '2026-11-20T11:59:55Z'],
    ['future', { future: 1, futureByMs: 60_000 }, '2026-11-20T12:01:00Z'],
  ])('%s: authentic, at another time', (_, mischief, createdAt) => {
    for (const planned of flat(mischief)) {
      expect(JSON.parse(Buffer.from(planned.request.body).toString()).created_at).toBe(createdAt)
      expect(verifies(planned)).toBe(true)
    }
  })

  test('stale, JAOT: in the form that it writes timestamps in', () => {
    const event = sampleEvent('jaot', 'credits.low')
    const mischief = { stale: 1, staleByMs: 0 }
    const [volley] = planDeliveries([event], { provider: 'jaot', secret, mischief, now })
    const body = Buffer.from(volley?.deliveries[0]?.request.body ?? []).toString()
    expect(body).toContain('"timestamp":"2026-11-20T12:00:00.000000+00:00Z"')
  })

  test('oversize: authentic, and larger by what was asked', () => {
    const [planned] = flat({ oversize: 1, oversizeBytes: 1000 })
    expect(verifies(planned as PlannedDelivery)).toBe(true)
    expect(planned?.request.body.length).toBeGreaterThan(1000)
  })

  test('rotateSecret: from one event to the next, another secret', () => {
    const rotated = flat({ rotateSecret: { after: 12, to: 'the-new-secret' } })
    expect(rotated.slice(0, 12).every((planned) => verifies(planned))).toBe(true)
    expect(rotated.slice(12).every((planned) => verifies(planned, 'the-new-secret'))).toBe(true)
    expect(rotated.every(({ expected }) => expected === 'success')).toBe(true)
  })
})

describe('what it does to the stream', () => {
  test('duplicates: byte for byte, one after the other', () => {
    const volleys = plan({ duplicates: 1, duplicateTimes: 2 })
    expect(volleys).toHaveLength(20)
    for (const { deliveries, atOnce } of volleys) {
      expect(atOnce).toBe(false)
      expect(deliveries).toHaveLength(3)
      expect(deliveries[2]?.request).toBe(deliveries[0]?.request)
    }
  })

  test('concurrentDuplicates: at the same moment', () => {
    const volleys = plan({ concurrentDuplicates: 1 })
    expect(volleys.every(({ deliveries, atOnce }) => atOnce && deliveries.length === 2)).toBe(true)
  })

  test.each([1, 5])('reorder: the same events in another order, overtaken by up to %i others', (window) => {
    const reordered = flat({ reorder: window }, 100).map(idOf)
    const inOrder = events(100).map(({ id }) => id)
    expect(reordered).not.toEqual(inOrder)
    expect([...reordered].sort()).toEqual([...inOrder].sort())
    const late = inOrder.map((id, place) => reordered.indexOf(id) - place)
    expect(Math.max(...late)).toBe(window)
  })
})

test.each([{ tamper: 1.1 }, { stale: -0.1 }, { duplicates: Number.NaN }, { reorder: -1 }])(
  'unusable: %o',
  (mischief) => {
    expect(() => plan(mischief)).toThrow(RangeError)
  },
)

test.each(['staleByMs', 'futureByMs', 'oversizeBytes', 'slowBodyMs', 'duplicateTimes'])(
  'a %s that is too large is refused before anything is planned',
  (name) => {
    const mischief = { [name]: Number.MAX_SAFE_INTEGER }
    expect(() => planDeliveries([], { provider: 'sematryx', secret, mischief })).toThrow(
      new RegExp(`^${name} must be from 0 to \\d+: 9007199254740991$`),
    )
  },
)

describe('on the wire', () => {
  async function send(mischief: Mischief, count = 1) {
    const receiver = await startReceiver(answerWith(200))
    const sender = createSender({ provider: 'sematryx', url: receiver.url, secret })
    onTestFinished(() => sender.close())
    const answers: Array<{ status: number | null; error: string | null; durationMs: number }> = []
    await sendPlan(sender, plan(mischief, { count }), {
      retry: false,
      concurrency: 4,
      onDelivery: ({ attempts }) => answers.push(...attempts),
    })
    return { receiver, answers }
  }

  test('slowBody: arrives whole, in pieces, over its time', async () => {
    const { receiver, answers } = await send({ slowBody: 1, slowBodyMs: 100 })
    expect(answers).toMatchObject([{ status: 200, error: null }])
    expect(answers[0]?.durationMs).toBeGreaterThan(80)
    expect(receiver.received.map(({ body }) => body)).toEqual([
      String((clean[0] as PlannedDelivery).request.body),
    ])
  })

  test('abortedBody: announced in full, and cut', async () => {
    const { receiver, answers } = await send({ abortedBody: 1 })
    expect(answers).toMatchObject([{ status: null, error: 'body aborted on purpose' }])
    expect(receiver.received).toEqual([])
  })

  test('a plan whose signal is aborted as its sender is closed ends with what it has sent, also in the middle of duplicates', async () => {
    const over = new AbortController()
    const receiver = await startReceiver(() => {
      over.abort()
      sender.close()
    })
    const sender = createSender({ provider: 'sematryx', url: receiver.url, secret })
    const ended: string[] = []
    await sendPlan(sender, plan({ duplicates: 1, duplicateTimes: 3 }), {
      retry: false,
      signal: over.signal,
      onDelivery: ({ outcome }) => void ended.push(outcome),
    })
    expect(ended).toEqual(['failed'])
    expect(receiver.received).toHaveLength(1)
  })

  test('every delivery of a plan is sent, duplicates included', async () => {
    const { receiver, answers } = await send({ concurrentDuplicates: 0.5, duplicates: 0.5 }, 40)
    const expected = flat({ concurrentDuplicates: 0.5, duplicates: 0.5 }, 40)
    expect(answers).toHaveLength(expected.length)
    const bodies = expected.map(({ request }) => String(request.body))
    expect(receiver.received.map(({ body }) => body).sort()).toEqual(bodies.sort())
  })
})

test.each([0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY])(
  'a plan is not sent %d at once: that is an error, and not nothing',
  async (concurrency) => {
    const sender = createSender({ provider: 'sematryx', url: 'http://127.0.0.1:9', secret: 's' })
    onTestFinished(() => sender.close())
    const sent = sendPlan(sender, plan({}, { count: 1 }), { concurrency, onDelivery: () => {} })
    await expect(sent).rejects.toThrow(RangeError)
  },
)
