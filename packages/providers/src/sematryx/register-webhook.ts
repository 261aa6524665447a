import { ConfigurationError } from '@hookport/core'
import { z } from 'zod'
import { validAnswer } from '../management/check-answer.ts'
import { checkWebhookSecret } from '../management/check-call.ts'
import { callManagement, type ManagementOptions } from '../management/request.ts'
import { sematryxUrl } from './base-url.ts'

export interface RegisterWebhookOptions extends ManagementOptions {
  /** The URL of deliveries. Sematryx only accepts https. */
  url: string | URL
  /** The event types to send. `receiver.eventTypes` are those that have a handler. At least one. */
  events: readonly string[]
  /** Signs the deliveries. Without it they have no signature, and only a receiver with `allowUnsigned: true` accepts them. */
  secret?: string | undefined
  /** Defaults to true. */
  active?: boolean | undefined
}

/** A webhook as Sematryx has registered it. */
export interface RegisteredWebhook {
  readonly id: string
  readonly url: string
  readonly events: readonly string[]
  readonly active: boolean
}

/**
 * Registers a webhook with Sematryx.
 *
 * @throws {ConfigurationError} for a missing API key, an empty secret, no events, or an invalid URL.
 * @throws {ManagementError} where the API refuses, or does not answer.
 */
export async function registerWebhook(options: RegisterWebhookOptions): Promise<RegisteredWebhook> {
  const { url, events, secret, active = true, baseUrl = sematryxUrl } = options
  if (!Array.isArray(events))
    throw new ConfigurationError(
      'events must be a list of event types: receiver.eventTypes are those that have a handler',
    )
  if (events.length === 0)
    throw new ConfigurationError('events is empty; register handlers before you pass receiver.eventTypes')
  checkWebhookSecret('secret', secret)
  if (!URL.canParse(String(url)))
    throw new ConfigurationError(
      `url is ${JSON.stringify(String(url))}; it must be the whole URL for deliveries`,
    )
  const body = { url: String(url), events, active, secret } // undefined is not sent
  const { answer } = await callManagement(
    { ...options, baseUrl },
    { method: 'POST', path: '/v1/webhooks', body, secret },
  )
  const { id } = validAnswer('a webhook', registered, answer)
  return { id, url: body.url, events: [...events], active }
}

const registered = z.looseObject({ id: z.string().min(1) })
