import type { JaotApiOptions } from './call.ts'
import { getTrigger, type Trigger, toggleTrigger, updateTrigger } from './triggers.ts'

export interface EnsureWebhookOptions extends JaotApiOptions {
  /** `trg_…` */
  id: string
  /** Where its runs are to be reported. */
  url: string | URL
  /** `whsec_…`. JAOT does not show the one it has, so it is written every time. Left out, it stays as it is. */
  secret?: string | undefined
}

/** The trigger as it reports now, and what had to be changed. */
export interface EnsuredWebhook {
  readonly trigger: Trigger
  /** What was not as it is to be. The secret is none of it: nobody sees whether it was another. */
  readonly changed: readonly ('url' | 'enabled')[]
}

/**
 * Has a trigger report its runs here: looks at it, and changes what is not so. Done twice, it is done once.
 *
 * @throws {ConfigurationError} for a missing API key, an empty secret, or no id.
 * @throws {ManagementError} where the API refuses, or does not answer.
 */
export async function ensureWebhook(options: EnsureWebhookOptions): Promise<EnsuredWebhook> {
  const { secret } = options
  const webhookUrl = String(options.url)
  let trigger = await getTrigger(options)
  const changed: ('url' | 'enabled')[] = []
  if (trigger.answer.webhook_url !== webhookUrl) changed.push('url')
  if (changed.length > 0 || secret !== undefined)
    trigger = await updateTrigger({ ...options, webhookUrl, webhookSecret: secret })
  if (trigger.answer.enabled === false) {
    changed.push('enabled')
    trigger = await toggleTrigger({ ...options, enabled: true })
  }
  return { trigger, changed }
}
