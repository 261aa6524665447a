import { asUrl } from '../management/check-call.ts'
import { ManagementError } from '../management/error.ts'
import type { JaotApiOptions } from './call.ts'
import { getTrigger, type Trigger, toggleTrigger, updateTrigger } from './triggers.ts'

export interface EnsureWebhookOptions extends JaotApiOptions {
  /** `trg_…` */
  id: string
  /** The URL to which its runs should be reported. */
  url: string | URL
  /** `whsec_…`. JAOT does not show the current secret, so it is written every time. Left out, it does not change. */
  secret?: string | undefined
}

/** The trigger after the call, and what was changed. */
export interface EnsuredWebhook {
  readonly trigger: Trigger
  /** What was different before. The secret is never included, as it can't be compared. */
  readonly changed: readonly ('url' | 'enabled')[]
}

/**
 * Sets up a trigger to report its runs to a URL. It reads the trigger, and changes what is different. It can be called any number of times.
 *
 * @throws {ConfigurationError} for a missing API key, an empty secret, an invalid URL, or no id.
 * @throws {ManagementError} where the API refuses, or does not answer.
 */
export async function ensureWebhook(options: EnsureWebhookOptions): Promise<EnsuredWebhook> {
  const { secret } = options
  const webhookUrl = String(options.url)
  let trigger = await getTrigger(options)
  const changed: ('url' | 'enabled')[] = []
  if (asUrl(trigger.answer.webhook_url) !== asUrl(webhookUrl)) changed.push('url')
  if (changed.length > 0 || secret !== undefined)
    trigger = await updateTrigger({ ...options, webhookUrl, webhookSecret: secret })
  if (isDisabled(trigger)) {
    changed.push('enabled')
    trigger = await toggleTrigger({ ...options, enabled: true })
    if (isDisabled(trigger))
      throw new ManagementError(
        'unexpected',
        `the trigger ${options.id} is still disabled, although JAOT was asked to enable it`,
      )
  }
  return { trigger, changed }
}

/** JAOT answers `is_enabled`, though what changes it is called `enabled`. */
function isDisabled({ answer }: Trigger): boolean {
  return answer.is_enabled === false || answer.enabled === false
}
