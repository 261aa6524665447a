import { ConfigurationError, completeClock, type Inbox, type Notes } from '@hookport/core'
import { asUrl, checkedUrl } from '../management/check-call.ts'
import { pause } from '../management/rate-limit.ts'
import { sematryxUrl } from './base-url.ts'
import { type RegisteredWebhook, type RegisterWebhookOptions, registerWebhook } from './register-webhook.ts'

/** What to register, and where to remember it. */
export interface EnsureWebhookOptions extends Omit<RegisterWebhookOptions, 'active'> {
  /** Remembers what was registered, as Sematryx has no list of webhooks. */
  inbox: Pick<Inbox, 'name' | 'notes'>
}

/** The registered webhook. */
export interface EnsuredWebhook extends Omit<RegisteredWebhook, 'active'> {
  /** False where it was registered before. */
  readonly isNew: boolean
}

/** The lead of a process that dies is free after this time. While a registration lasts, it is renewed. */
const leaseMs = 60_000
const lookAgainMs = 250
const mostWrites = 5
const writeAgainMs = 1_000
/** How long a renewal is waited for at the end, and then that the lead is given back. The inbox may never answer. */
const patienceMs = 5_000

/**
 * Registers a webhook with Sematryx unless it was registered before, with this inbox and this `baseUrl`, for the same URL and the same events. With
 * other events it is registered again. The old one stays, as Sematryx's API can't change or delete a webhook; its dashboard can. So another `secret` alone
 * changes nothing: it has to be changed there, too.
 *
 * If several processes start at once, one registers, and the others wait for it.
 *
 * @throws {ConfigurationError} as `registerWebhook` does; where the inbox keeps no notes; and where another process registers for more than a minute.
 * @throws {ManagementError} where the API refuses, or does not answer.
 * @throws {Error} where the inbox fails. If it can't remember the webhook that was just registered, the error names it.
 */
export async function ensureWebhook(options: EnsureWebhookOptions): Promise<EnsuredWebhook> {
  const { inbox, ...webhook } = options
  const { notes } = inbox
  if (notes === undefined)
    throw new ConfigurationError(
      `the ${inbox.name} inbox keeps no notes, so a webhook would be registered at every start`,
    )
  const asked = checkedUrl(webhook.baseUrl ?? sematryxUrl) // a webhook of an emulator is not one of Sematryx
  const name = await noteOf(asUrl(asked), webhook.url)
  const holder = crypto.randomUUID()
  await takeLead(notes, name, holder, options)
  const resign = keepLead(notes, name, holder, options)
  try {
    const note = await notes.read(name)
    const kept = note ?? (await notes.read(await writtenNoteOf(asked, webhook.url)))
    const before = kept && (JSON.parse(kept.text) as Omit<RegisteredWebhook, 'active'>)
    if (before && areSame(before.events, webhook.events)) return { ...before, isNew: false }
    const { id, url, events } = await registerWebhook(webhook)
    await remember(
      id,
      () => notes.write(name, JSON.stringify({ id, url, events }), note?.version),
      options.clock,
    )
    return { id, url, events, isNew: true }
  } finally {
    await resign()
  }
}

/** @throws {Error} where the inbox fails every time. A webhook that nothing remembers is registered again, and delivers everything twice. */
async function remember(
  id: string,
  write: () => unknown,
  clock: EnsureWebhookOptions['clock'],
): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      await write()
      return
    } catch (cause) {
      if (attempt === mostWrites)
        throw new Error(
          `the webhook ${id} is registered with Sematryx, but the inbox could not remember it: remove it in the dashboard before you register it again`,
          { cause },
        )
    }
    await pause(writeAgainMs, completeClock(clock), undefined) // not to be aborted: what was registered has to be remembered
  }
}

/** @throws {ConfigurationError} where another process has the lead for more than a minute; the signal's reason once that is aborted. */
async function takeLead(
  notes: Notes,
  name: string,
  holder: string,
  { clock, signal }: Pick<EnsureWebhookOptions, 'clock' | 'signal'>,
): Promise<void> {
  for (let waitedMs = 0; !(await notes.lead(name, holder, leaseMs)); waitedMs += lookAgainMs) {
    if (waitedMs > leaseMs) throw new ConfigurationError('another process is registering this webhook')
    await pause(lookAgainMs, completeClock(clock), signal)
  }
}

/**
 * Keeps the lead for as long as a registration takes: a rate limit may ask for a minute, and the API may hang. A webhook that two processes have
 * registered can't be deleted.
 *
 * @returns a function that resigns. It never rejects: what failed before is what matters, and the lead ends by itself.
 */
function keepLead(
  notes: Notes,
  name: string,
  holder: string,
  { clock }: Pick<EnsureWebhookOptions, 'clock'>,
): () => Promise<void> {
  const { after } = completeClock(clock)
  let renewing: Promise<unknown> = Promise.resolve()
  let cancel: () => void
  const renewLater = () => {
    const renew = () => {
      renewLater() // whether or not the inbox answers this one
      renewing = (async () => notes.lead(name, holder, leaseMs))().catch(() => {})
    }
    cancel = after(leaseMs / 3, renew, { background: true })
  }
  renewLater()
  const patiently = (work: Promise<unknown>) =>
    new Promise<void>((resolve) => {
      const giveUp = after(patienceMs, resolve, { background: true })
      void work
        .catch(() => {})
        .then(giveUp)
        .then(resolve)
    })
  return async () => {
    cancel()
    await patiently(renewing) // a renewal that came later would take the lead again
    await patiently((async () => notes.resign(name, holder))())
  }
}

function areSame(some: readonly string[], others: readonly string[]): boolean {
  const [one, other] = [new Set(some), new Set(others)]
  return one.size === other.size && [...one].every((event) => other.has(event))
}

/** The name of a note. A webhook for the same URL in other letters would deliver everything twice. */
function noteOf(api: string, url: string | URL): Promise<string> {
  return writtenNoteOf(api.replace(/\/+$/, ''), asUrl(String(url)))
}

/** By the URLs as they were written, which earlier versions went by. */
async function writtenNoteOf(api: string, url: string | URL): Promise<string> {
  return `webhook:sematryx:${await digestOf(JSON.stringify([api, String(url)]))}`
}

async function digestOf(text: string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text))
  return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, '0')).join('')
}
