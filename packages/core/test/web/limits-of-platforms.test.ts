import { webWebhooks } from '@hookport/core/web'
import { recordedLogger } from '@hookport/testkit/logs'
import { expect, test } from 'vitest'
import { sign } from '../support/acme.ts'
import { acmeReceiver, paidOrder, start } from '../support/acme-receiver.ts'

/** As the `adapter-node` of SvelteKit has it, and srvx, on which h3 2 and Nitro 3 run. */
const limits = [{ status: 413 }, { statusCode: 413 }]

test.each(limits)(
  'a body that exceeds a limit of the platform is refused as too large, and the log names that limit (%o)',
  async (marks) => {
    const { logger, lines } = recordedLogger()
    const { receiver } = acmeReceiver({ logger })
    const bytes = Buffer.from(JSON.stringify(paidOrder(start)))
    const tooLarge = Object.assign(new Error('more than 20 bytes'), marks)
    for (const length of [undefined, String(bytes.length)]) {
      const body = new ReadableStream({
        start(controller) {
          controller.enqueue(bytes.subarray(0, 20))
          controller.error(tooLarge)
        },
      })
      const headers = { 'x-acme-signature': sign(bytes), ...(length && { 'content-length': length }) }
      const init: RequestInit = { method: 'POST', headers, body, duplex: 'half' }
      const reply = await webWebhooks(receiver)(new Request('http://localhost/', init))
      expect([reply.status, await reply.text()]).toEqual([413, '{"error":"payload_too_large"}'])
    }
    const line = { level: 'warn', details: { err: tooLarge, fix: expect.stringMatching(/raise that limit/) } }
    expect(lines).toMatchObject([line, line])
  },
)
