import type { HandlerRun, Probe } from '@hookport/conformance'
import { postDelivery } from '@hookport/testkit/http/serve-and-post'
import { samples } from '@hookport/testkit/receivers/samples'
import { describe, expect, test } from 'vitest'

/** Sends every sample, signed in Python, through an application that has mounted `auditedReceivers`. */
export function describeSamples(name: string, origin: () => string, probe: () => Probe): void {
  describe(name, () => {
    test.for(samples)('$file is taken on and handled', async ({ provider, delivery, expected }) => {
      const reply = await postDelivery(`${origin()}/samples/${provider}`, delivery)
      expect(reply).toMatchObject({ status: 200, body: '{"received":true}' })
      const rawBody = Buffer.from(delivery.body).toString('base64')
      await expect
        .poll(() => runOf(probe(), expected.id, rawBody), { timeout: 5000 })
        .toMatchObject({ ...expected, provider, outcome: 'succeeded' })
    })
  })
}

async function runOf(probe: Probe, id: string, rawBody: string): Promise<HandlerRun | undefined> {
  return (await probe.runs(id)).find((run) => run.rawBody === rawBody)
}
