import { nextWebhooks, PermanentError } from '@hookport/next'
import { sematryxReceiver } from '@hookport/providers/sematryx'

/** What fails until it is redriven. */
const failed = new Set<string>()

export const webhooks = nextWebhooks(
  sematryxReceiver({ secret: process.env.SEMATRYX_WEBHOOK_SECRET, name: 'inspected', logger: false }),
)
webhooks.onAnyEvent(({ id }) => {
  if (failed.has(id)) return
  failed.add(id)
  throw new PermanentError('the ERP does not take it')
})
