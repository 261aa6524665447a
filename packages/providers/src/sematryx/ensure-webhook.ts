import { ConfigurationError, type Inbox } from '@hookport/core'
import { type RegisteredWebhook, type RegisterWebhookOptions, registerWebhook } from './register-webhook.ts'

export interface EnsureWebhookOptions extends Omit<RegisterWebhookOptions, 'active'> {
  /** Remembers what was registered: Sematryx has no list of webhooks. */
  inbox: Pick<Inbox, 'name' | 'notes'>
}

export interface EnsuredWebhook extends Omit<RegisteredWebhook, 'active'> {
  /** False where it was registered before. */
  readonly isNew: boolean
}

/** Longer than a registration takes. */
const leaseMs = 60_000

/**
 * Registers a webhook with Sematryx unless that was done before, with this inbox, for the same URL and the same events. With other events it is
 * registered anew; the one before stays, as Sematryx can neither change nor remove one: its dashboard can.
 *
 * @throws {ConfigurationError} as `registerWebhook` does; where the inbox keeps no notes, and while another process registers.
 * @throws {ManagementError} where the API refuses, or does not answer.
 */
export async function ensureWebhook(options: EnsureWebhookOptions): Promise<EnsuredWebhook> {
  const { inbox, ...webhook } = options
  const { notes } = inbox
  if (notes === undefined)
    throw new ConfigurationError(
      `the ${inbox.name} inbox keeps no notes, so that a webhook would be registered at every start`,
    )
  const name = `webhook:sematryx:${await digestOf(String(webhook.url))}`
  const holder = crypto.randomUUID()
  if (!(await notes.lead(name, holder, leaseMs)))
    throw new ConfigurationError('another process registers this webhook just now')
  try {
    const note = await notes.read(name)
    const before = note && (JSON.parse(note.text) as Omit<RegisteredWebhook, 'active'>)
    if (before && areSame(before.events, webhook.events)) return { ...before, isNew: false }
    const { id, url, events } = await registerWebhook(webhook)
    await notes.write(name, JSON.stringify({ id, url, events }), note?.version)
    return { id, url, events, isNew: true }
  } finally {
    await notes.resign(name, holder)
  }
}

function areSame(some: readonly string[], others: readonly string[]): boolean {
  return JSON.stringify([...some].sort()) === JSON.stringify([...others].sort())
}

async function digestOf(text: string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text))
  return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, '0')).join('')
}
