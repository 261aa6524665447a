import { ConfigurationError } from '@hookport/core'
import { z } from 'zod'
import { assertAbout, readableItems, validAnswer } from '../management/check-answer.ts'
import { checkWebhookSecret, pathSegment } from '../management/check-call.ts'
import type { ListingOptions } from '../management/listing-options.ts'
import type { ManagementAnswer } from '../management/request.ts'
import { callJaot, type JaotApiOptions, pathOf } from './call.ts'

/** What a trigger runs: a version of a document, or of a model project. */
export type TriggerModel =
  | { documentId: string; versionId: string; modelProjectId?: never; modelProjectVersionId?: never }
  | { modelProjectId: string; modelProjectVersionId: string; documentId?: never; versionId?: never }

/** What a new trigger runs, and where it reports. */
export type CreateTriggerOptions = JaotApiOptions &
  TriggerModel & {
    /** The display name. */
    name: string
    /** The URL to which the trigger's runs are reported. JAOT refuses private and undeliverable URLs. */
    webhookUrl: string | URL
    /** `whsec_…`, used as text with its prefix. Without one, deliveries carry no signature. */
    webhookSecret?: string | null | undefined
    /** For people. Defaults to none. */
    description?: string | undefined
    /** Which data `fireTrigger` may give: a list of fields, `[{ name, type, model_field_path, required }]`. Defaults to any. */
    overrideSchema?: object | undefined
    /** The workspace of the trigger. Left out, JAOT decides. */
    workspaceId?: string | undefined
  }

export interface TriggerOptions extends JaotApiOptions {
  /** `trg_…` */
  id: string
}

/** Options that are left out do not change. */
export interface UpdateTriggerOptions extends TriggerOptions {
  /** The display name. */
  name?: string | undefined
  /** For people. */
  description?: string | undefined
  /** Which data `fireTrigger` may give: a list of fields, as for `createTrigger`. */
  overrideSchema?: object | undefined
  /** To stop deliveries, use `toggleTrigger`: JAOT can't keep a trigger without a URL. */
  webhookUrl?: string | URL | undefined
  /** `whsec_…`, used as text with its prefix. */
  webhookSecret?: string | null | undefined
}

/** A trigger, as JAOT's API returns it. */
export interface Trigger {
  /** `trg_…` */
  readonly id: string
  /** JAOT's whole answer, without the trigger's secret. */
  readonly answer: ManagementAnswer
}

export interface CreatedTrigger extends Trigger {
  /** It authorizes `fireTrigger`. JAOT shows it only this once, so keep it. */
  readonly triggerSecret: string
}

/**
 * Creates a trigger whose runs are reported to a webhook.
 *
 * @throws {ConfigurationError} for a missing API key, an empty secret, no URL or an invalid one, not exactly one model, or a value that JSON can't represent.
 * @throws {ManagementError} where the API refuses, or does not answer.
 */
export async function createTrigger(options: CreateTriggerOptions): Promise<CreatedTrigger> {
  const body = { ...modelFields(options), ...triggerFields(options), workspace_id: options.workspaceId }
  if (options.webhookUrl === undefined)
    throw new ConfigurationError("webhookUrl is missing; JAOT can't store a trigger without one")
  const secret = options.webhookSecret
  const { answer } = await callJaot(options, { method: 'POST', path: '/', body, secret })
  const { trigger_secret: triggerSecret, ...rest } = validAnswer('a new trigger', created, answer)
  return { id: rest.id, triggerSecret, answer: rest }
}

/** All triggers, newest first, or those of one document. Throws as `createTrigger` does. */
export async function listTriggers(
  options: JaotApiOptions & ListingOptions & { documentId?: string | undefined },
): Promise<Trigger[]> {
  const { documentId } = options
  const query = documentId === undefined ? '' : `?document_id=${pathSegment('documentId', documentId)}`
  const { answer } = await callJaot(options, { method: 'GET', path: `/${query}` })
  const items = validAnswer('a list of triggers', z.array(z.unknown()), answer)
  return readableItems('a trigger', known, items, options).map(toTrigger)
}

/** One trigger. Throws as `createTrigger` does. */
export async function getTrigger(options: TriggerOptions): Promise<Trigger> {
  const found = toTrigger((await callJaot(options, { method: 'GET', path: pathOf(options.id) })).answer)
  assertAbout(options.id, found.id)
  return found
}

/** Changes a trigger. Throws as `createTrigger` does. */
export async function updateTrigger(options: UpdateTriggerOptions): Promise<Trigger> {
  const request = { method: 'PATCH', path: pathOf(options.id), secret: options.webhookSecret } as const
  return toTrigger((await callJaot(options, { ...request, body: triggerFields(options) })).answer)
}

/** Disables a trigger, or enables it again. A disabled trigger can't be fired, and reports nothing. Throws as `createTrigger` does. */
export async function toggleTrigger(options: TriggerOptions & { enabled: boolean }): Promise<Trigger> {
  const { id, enabled } = options
  const request = { method: 'POST', path: `${pathOf(id)}/toggle`, body: { enabled } } as const
  const { answer } = await callJaot(options, request)
  return toTrigger({ ...validAnswer('a trigger', anyFields, answer ?? {}), id })
}

/** Deletes a trigger. Throws as `createTrigger` does. */
export async function deleteTrigger(options: TriggerOptions): Promise<void> {
  await callJaot(options, { method: 'DELETE', path: pathOf(options.id) })
}

function modelFields(options: TriggerModel): object {
  const { documentId, versionId, modelProjectId, modelProjectVersionId } = options
  const isDocument = documentId !== undefined && versionId !== undefined
  const isProject = modelProjectId !== undefined && modelProjectVersionId !== undefined
  const given = [documentId, versionId, modelProjectId, modelProjectVersionId].filter(
    (id) => id !== undefined,
  )
  if (given.length !== 2 || isDocument === isProject) {
    throw new ConfigurationError(
      'a trigger runs one model: give documentId and versionId, or modelProjectId and modelProjectVersionId',
    )
  }
  return isDocument
    ? { document_id: documentId, version_id: versionId }
    : { model_project_id: modelProjectId, model_project_version_id: modelProjectVersionId }
}

/** Fields that are undefined are not sent. */
function triggerFields(options: Omit<UpdateTriggerOptions, 'id'>): object {
  const { name, description, overrideSchema, webhookUrl, webhookSecret } = options
  checkWebhookSecret('webhookSecret', webhookSecret)
  if (webhookUrl === null)
    throw new ConfigurationError(
      "webhookUrl is null, which JAOT can't store; to stop deliveries, use toggleTrigger",
    )
  if (webhookUrl !== undefined && !URL.canParse(String(webhookUrl)))
    throw new ConfigurationError(
      `webhookUrl is ${JSON.stringify(String(webhookUrl))}; it must be the whole URL for deliveries`,
    )
  return {
    name,
    description,
    override_schema: overrideSchema,
    webhook_url: webhookUrl === undefined ? undefined : String(webhookUrl),
    webhook_secret: webhookSecret,
  }
}

const anyFields = z.looseObject({})
const known = z.looseObject({ id: z.string().min(1) })
const created = z.looseObject({ id: z.string().min(1), trigger_secret: z.string().min(1) })

function toTrigger(answer: unknown): Trigger {
  const found = validAnswer('a trigger', known, answer)
  return { id: found.id, answer: found }
}
