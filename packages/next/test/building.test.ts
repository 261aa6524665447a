import { memoryInbox } from '@hookport/core'
import { manualClock } from '@hookport/core/testing'
import { sematryxWebhooks } from '@hookport/next'
import { sematryxOptions, signedSematryx, testTime } from '@hookport/testkit/receivers/signed-deliveries'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'

const clock = manualClock(testTime)

function request(): Request {
  const { body, ...rest } = signedSematryx()
  return new Request('http://localhost/webhooks/sematryx', { ...rest, body: new Uint8Array(body) })
}

afterEach(() => void vi.unstubAllEnvs())

test('a missing secret is an error when the server starts', () => {
  expect(() => sematryxWebhooks({ secret: undefined })).toThrow('secret is missing')
})

describe('while next build evaluates the route', () => {
  beforeEach(() => void vi.stubEnv('NEXT_PHASE', 'phase-production-build'))

  test('a missing secret is no error, and believes nobody', async () => {
    const webhooks = sematryxWebhooks({ secret: undefined, clock })
    expect((await webhooks.POST(request())).status).toBe(401)
  })

  test('allowUnsigned needs no secret even then', async () => {
    const webhooks = sematryxWebhooks({ allowUnsigned: true, clock, logger: false })
    expect((await webhooks.POST(request())).status).toBe(200)
  })

  test('an empty secret is an error even then', () => {
    expect(() => sematryxWebhooks({ secret: '' })).toThrow('secret is empty')
  })

  test.each([
    ['with its secret', sematryxOptions],
    ['without one', { secret: undefined, clock }],
  ])('nothing is consumed, %s', async (_, options) => {
    const inbox = memoryInbox()
    const producer = sematryxWebhooks({ ...sematryxOptions, inbox })
    const webhooks = sematryxWebhooks({ ...options, inbox }) // the newer one would consume
    const handled: string[] = []
    webhooks.onAnyEvent(({ id }) => {
      handled.push(id)
    })
    expect((await producer.POST(request())).status).toBe(200)
    await webhooks.idle()
    expect(handled).toEqual([])
    expect(await inbox.counts()).toMatchObject({ pending: 1 })
  })
})
