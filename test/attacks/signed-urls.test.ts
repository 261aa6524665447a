import { twilio } from '@hookport/providers/twilio'
import { expect, test } from 'vitest'
import { Seen, watchedReceiver } from './support/watched-receiver.ts'

/** Of the processor, as others may have it meanwhile. Far more than it takes: were every field copied for every other one, it would be seconds. */
const mostCpuMs = 500

test.each(['a&', '%zz&', '=&'])(
  'A650: a URL of 40,000 characters, %s again and again, is refused as quickly as others where URLs are signed',
  async (field) => {
    const seen = new Seen()
    const provider = twilio({ secret: 'the-token-of-twilio', publicUrl: 'https://example.com/twilio' })
    const receiver = watchedReceiver(provider, seen, {})
    const headers = new Headers({ 'x-twilio-signature': Buffer.alloc(20).toString('base64') })
    const url = `/twilio?${field.repeat(40_000 / field.length)}`
    const before = process.threadCpuUsage()
    const reply = await receiver.receive({ method: 'POST', url, headers, readBody: () => Buffer.from('a=b') })
    const { user, system } = process.threadCpuUsage(before)
    expect((user + system) / 1000).toBeLessThan(mostCpuMs)
    expect(reply.status).toBe(401)
    expect(seen.parsed).toEqual([])
    await receiver.stop()
  },
)
