import { setTimeout as sleep } from 'node:timers/promises'
import { createTrigger, fireTrigger } from '@hookport/providers/jaot-api'
import { registerWebhook } from '@hookport/providers/sematryx-api'
import { type EmulatedDelivery, eventTypes, startEmulator } from '@hookport/sender'
import { deferred } from '@hookport/testkit/deferred'
import { onTestFinished } from 'vitest'
import { jaotSecret, sematryxSecret } from './start-example.ts'

/** Both providers, with an application registered at each: what happens in an outage and after it. */
export async function bothProviders(receiverOrigin: string) {
  const outage = deferred()
  const emulator = await startEmulator({
    timeScale: 1 / 1000,
    mischief: { concurrentDuplicates: 0.5 },
    // Waits do not begin to pass before the outage is over.
    clock: {
      now: Date.now,
      async sleep(ms, signal) {
        await outage.promise
        await sleep(ms, undefined, signal && { signal })
      },
    },
  })
  onTestFinished(() => {
    outage.resolve()
    return emulator.close()
  })
  const { url: baseUrl } = emulator
  await registerWebhook({
    apiKey: 'key',
    baseUrl,
    url: `${receiverOrigin}/webhooks/sematryx`,
    events: eventTypes.sematryx,
    secret: sematryxSecret,
  })
  const trigger = await createTrigger({
    apiKey: 'ok_live_key',
    baseUrl,
    name: 'Nightly',
    documentId: 'doc_1',
    versionId: 'ver_1',
    webhookUrl: `${receiverOrigin}/webhooks/jaot`,
    webhookSecret: jaotSecret,
  })

  return {
    emulator,
    outageIsOver: outage.resolve,
    /** Events of every type of Sematryx, and two runs of the trigger. */
    async letThingsHappen(): Promise<void> {
      for (const type of eventTypes.sematryx) emulator.emit('sematryx', type)
      for (let run = 0; run < 2; run++) await fireTrigger({ baseUrl, ...trigger })
    },
    /** As somebody does in the dashboard, for every delivery. Resolves when all have ended. */
    async resendEverything(): Promise<void> {
      const { deliveries } = (await (await fetch(`${baseUrl}/emulator/deliveries`)).json()) as {
        deliveries: EmulatedDelivery[]
      }
      for (const { id } of deliveries) {
        const response = await fetch(`${baseUrl}/emulator/deliveries/${id}/resend`, { method: 'POST' })
        if (response.status !== 202) throw new Error(`resend of ${id}: ${response.status}`)
      }
      await emulator.settled()
    },
    /** What the application must have handled, once each. */
    happened(): string[] {
      const ids = emulator.deliveries().map(({ provider, type, eventId, request }) => {
        if (eventId !== null) return `${provider} ${eventId}`
        return `${provider} ${type}:${JSON.parse(Buffer.from(request.body).toString()).data.run_id}`
      })
      return [...new Set(ids)].sort()
    },
  }
}
