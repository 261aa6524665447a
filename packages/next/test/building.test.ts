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

  test('an empty secret is an error even then', () => {
    expect(() => sematryxWebhooks({ secret: '' })).toThrow('secret is empty')
  })

  test('nothing is consumed', async () => {
    const webhooks = sematryxWebhooks(sematryxOptions)
    const handled: string[] = []
    webhooks.onAnyEvent(({ id }) => {
      handled.push(id)
    })
    expect((await webhooks.POST(request())).status).toBe(200)
    await webhooks.idle()
    expect(handled).toEqual([])
    expect(await webhooks.inbox.counts()).toMatchObject({ pending: 1 })
  })
})
