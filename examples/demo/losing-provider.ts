import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { memoryInbox, type Observers } from '@hookport/core'
import { nodeWebhooks } from '@hookport/core/node'
import { jaotReceiver } from '@hookport/providers/jaot'
import { createTrigger, fireTrigger, jaotRuns } from '@hookport/providers/jaot-api'
import { startEmulator } from '@hookport/sender'
import type { Step } from './minute-in-the-life.ts'

const runs = 20
const secret = 'whsec_of_the_losing_one'

/** A JAOT that loses one webhook in five, and a receiver that asks it what has ended. */
export function losingProvider(observers: Observers): Step {
  const lost = runs / 5
  const sent = { 'sent, answered 200': runs - lost }
  return {
    title: 'JAOT: it loses one webhook in five, and is asked what has ended',
    expected: { ...sent, accepted: runs - lost, 'found by asking': lost, handled: runs },
    async send() {
      let webhooks = 0
      const emulator = await startEmulator({
        jaotFiresPerMinute: runs,
        losses: { fateOf: () => (webhooks++ % 5 === 0 ? 'lost' : 'sent') },
      })
      const api = { apiKey: 'ok_live_demo', baseUrl: emulator.url }
      const reconcile = jaotRuns({ ...api, every: 60_000 })
      const receiver = jaotReceiver({
        secret,
        reconcile,
        observers,
        inbox: memoryInbox(),
        logger: false,
        consume: false, // until all webhooks have come: before that, it might ask for one that is still on its way
      })
      receiver.onEvent('trigger.execution.completed', () => {})
      const server = createServer(nodeWebhooks(receiver)).listen(0, '127.0.0.1')
      await once(server, 'listening')
      const trigger = await createTrigger({
        ...api,
        name: 'Nightly',
        documentId: 'doc_1',
        versionId: 'ver_1',
        webhookUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/webhooks/jaot`,
        webhookSecret: secret,
      })
      for (let run = 0; run < runs; run++) await fireTrigger({ ...api, ...trigger })
      await emulator.settled()
      await receiver.reconcile()
      receiver.start()
      await receiver.idle()
      const answered = emulator.deliveries({ state: 'delivered' }).length
      await Promise.all([receiver.stop(), emulator.close()])
      server.close()
      return { 'sent, answered 200': answered }
    },
  }
}
