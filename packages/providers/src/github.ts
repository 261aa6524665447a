import {
  defineProvider,
  type EventSchemas,
  InvalidEnvelope,
  type JsonObject,
  type Provider,
  type SecretOptions,
} from '@hookport/core'
import { checkOptions } from './definition-kit/check-options.ts'
import { checkShape, type Shapes } from './definition-kit/check-shape.ts'
import { readObjectOrPayload } from './definition-kit/read-json-or-form.ts'
import { readPlainSignature } from './definition-kit/read-signatures.ts'
import type { AnyEvents, NoEvents } from './definition-kit/with-events.ts'

export type { AnyEvents, NoEvents } from './definition-kit/with-events.ts'

export interface GithubOptions<Known extends EventSchemas = NoEvents> extends SecretOptions {
  /** A schema for each event whose payload should be validated and typed. Others are accepted unchecked. */
  events?: Known | undefined
}

const signatureHeader = 'x-hub-signature-256'
const signaturePrefix = 'sha256='
const typeHeader = 'x-github-event'

/** GitHub does not retry by itself. Its deliveries can be sent again by hand for three days. */
const retryHorizon = 3 * 24 * 3600_000

/** Of events that are often handled. The event's name is in a header that is not signed. */
const shapes: Shapes = {
  check_run: ['check_run', '!deployment_status'],
  check_suite: ['check_suite'],
  create: ['ref', 'ref_type', 'master_branch'],
  delete: ['ref', 'ref_type', '!master_branch'],
  deployment: ['deployment', '!deployment_status', '!workflow_job'],
  deployment_status: ['deployment_status'],
  discussion: ['discussion', '!comment'],
  fork: ['forkee'],
  installation: ['installation.app_id', '!repositories_added'], // other events of a GitHub App tell only the id of its installation
  issue_comment: ['issue', 'comment'],
  issues: ['issue', '!comment'],
  label: ['label', '!issue', '!pull_request', '!discussion'],
  ping: ['zen', 'hook_id'],
  pull_request: ['pull_request', '!review', '!comment', '!thread'],
  pull_request_review: ['pull_request', 'review'],
  pull_request_review_comment: ['pull_request', 'comment'],
  push: ['ref', 'commits'],
  release: ['release'],
  status: ['sha', 'state'],
  workflow_job: ['workflow_job'],
  workflow_run: ['workflow_run', '!deployment', '!workflow_job_run'],
}

/**
 * GitHub: `X-Hub-Signature-256` has `sha256=` and the hex HMAC-SHA256 of the body. `data` is the whole payload. It is sent as JSON or as the field
 * `payload` of a form, depending on the webhook's content type.
 *
 * The delivery's id and the event's name are in headers, which GitHub does not sign. So an event is identified by the SHA-256 of its body, and a
 * replay with another delivery id is a duplicate. Its type is the name in the header. If the body is not that of such an event, it is kept as a
 * dead letter. GitHub signs no time, so a delivery that is sent again after `dedupeWindow` is handled again.
 *
 * @throws {ConfigurationError} for a missing, empty or padded secret.
 */
export function github<const Known extends EventSchemas = NoEvents>(
  options: GithubOptions<Known>,
): Provider<AnyEvents<Known>> {
  checkOptions('github', options, {})
  return defineProvider({
    name: 'github',
    secret: options.secret,
    allowUnsigned: options.allowUnsigned,
    retryHorizon,
    events: options.events ?? {},
    signatureHeaders: [signatureHeader],
    signaturePrefix,
    typeHeader,
    body: readObjectOrPayload,
    readSignature: (headers) =>
      readPlainSignature(headers.get(signatureHeader), { encoding: 'hex', prefix: signaturePrefix }),
    readEnvelope: (payload, headers) => ({
      id: undefined,
      type: readType(payload, headers.get(typeHeader)),
      createdAt: undefined,
    }),
    readData: (payload) => payload,
  }) as Provider<AnyEvents<Known>>
}

function readType(payload: JsonObject, type: string | null | undefined): string {
  if (!type || !/^[a-z0-9_]{1,60}$/.test(type))
    throw new InvalidEnvelope('its header X-GitHub-Event does not name an event')
  checkShape(type, payload, shapes)
  return type
}
