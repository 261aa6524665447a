import { ConfigurationError } from '@hookport/core'
import {
  answeredText,
  type ManagementAnswer,
  type ManagementOptions,
  requestManagement,
} from '../management/request.ts'

export { ManagementError, type ManagementErrorCode } from '../management/error.ts'

/** What every call takes. */
export interface JaotApiOptions extends ManagementOptions {
  /** Where JAOT is: its documentation names paths only. The URL of your account, or of an emulator. */
  baseUrl: string | URL
}

interface WebhookOfTrigger {
  /** Where the trigger's runs are reported; `null` for nowhere. */
  webhookUrl?: string | URL | null | undefined
  /** `whsec_…`, used as text with its prefix. Without one, deliveries carry no signature. */
  webhookSecret?: string | null | undefined
}

export interface CreateTriggerOptions extends JaotApiOptions, WebhookOfTrigger {
  name: string
  documentId: string
  versionId: string
}

/** What is left out stays as it is; `webhookUrl: null` stops deliveries. */
export interface UpdateTriggerOptions extends JaotApiOptions, WebhookOfTrigger {
  /** `trg_…` */
  id: string
}

export interface TriggerOptions extends JaotApiOptions {
  /** `trg_…` */
  id: string
}

export interface FireTriggerOptions extends TriggerOptions {
  /** Data in place of that of the trigger's model, for this run. */
  overrideData?: object | undefined
}

/** A trigger as JAOT knows it. */
export interface Trigger {
  /** `trg_…` */
  readonly id: string
  /** All that JAOT answered. */
  readonly answer: ManagementAnswer
}

/**
 * Creates a trigger whose runs are reported to a webhook.
 *
 * @throws {ConfigurationError} for a missing API key, or an empty secret.
 * @throws {ManagementError} where the API refuses, or does not answer.
 */
export async function createTrigger(options: CreateTriggerOptions): Promise<Trigger> {
  const { name, documentId, versionId } = options
  const body = { name, document_id: documentId, version_id: versionId, ...webhookFields(options) }
  return toTrigger(await requestManagement(options, { method: 'POST', path: '/api/v2/triggers', body }))
}

/** Changes the webhook of a trigger. Throws as `createTrigger` does. */
export async function updateTrigger(options: UpdateTriggerOptions): Promise<Trigger> {
  return toTrigger(
    await requestManagement(options, {
      method: 'PATCH',
      path: pathOf(options.id),
      body: webhookFields(options),
    }),
  )
}

/** Removes a trigger. Throws as `createTrigger` does. */
export async function deleteTrigger(options: TriggerOptions): Promise<void> {
  await requestManagement(options, { method: 'DELETE', path: pathOf(options.id) })
}

/** Runs a trigger now. Answers what JAOT does, with the run's id where it names one. Throws as `createTrigger` does. */
export async function fireTrigger(
  options: FireTriggerOptions,
): Promise<{ readonly runId: string | undefined; readonly answer: ManagementAnswer }> {
  const { overrideData } = options
  const body = overrideData === undefined ? {} : { override_data: overrideData }
  const answer = await requestManagement(options, {
    method: 'POST',
    path: `${pathOf(options.id)}/fire`,
    body,
  })
  return { runId: typeof answer.run_id === 'string' ? answer.run_id : undefined, answer }
}

function pathOf(id: string): string {
  return `/api/v2/triggers/${encodeURIComponent(id)}`
}

function webhookFields({ webhookUrl, webhookSecret }: WebhookOfTrigger): object {
  if (webhookSecret === '')
    throw new ConfigurationError(
      'webhookSecret is empty; is the environment variable that should hold it set?',
    )
  return {
    ...(webhookUrl !== undefined && { webhook_url: webhookUrl === null ? null : String(webhookUrl) }),
    ...(webhookSecret !== undefined && { webhook_secret: webhookSecret }),
  }
}

function toTrigger(answer: ManagementAnswer): Trigger {
  return { id: answeredText(answer, 'id'), answer }
}
