import type { IncomingMessage, ServerResponse } from 'node:http'
import {
  assertOptions,
  assertReceiver,
  asWebhooks,
  type EventMap,
  type Receiver,
  type Webhooks,
} from '@hookport/core'
import { answerDelivery, nodeDrain } from '@hookport/core/node'
import { jaotOptionNames, jaotReceiver } from '@hookport/providers/jaot'
import { sematryxOptionNames, sematryxReceiver } from '@hookport/providers/sematryx'
import { askedUrl } from './asked-url.ts'
import { notWhileBuilding } from './while-building.ts'

export { PermanentError, RetryLater } from '@hookport/core'
export { throughApp } from '@hookport/core/node'
export type * from '@hookport/core/types'
export type * from '@hookport/providers/event-types'

type ApiHandler = (request: IncomingMessage, response: ServerResponse) => Promise<void>

/** An API route of the Pages Router, with the methods of its receiver. */
export type PagesWebhooks<Events extends EventMap> = Webhooks<ApiHandler, Events, ApiHandler>

const fixWhenConsumed = 'add to the page: export const config = { api: { bodyParser: false } }'

/**
 * An API route of the Pages Router for a receiver: `export default pagesWebhooks(receiver)`. The page has to turn off Next's body parser with exactly
 * this line, as Next does not accept an imported value there: `export const config = { api: { bodyParser: false } }`.
 *
 * @throws {ConfigurationError} for a value that is not a receiver.
 */
export function pagesWebhooks<Events extends EventMap>(receiver: Receiver<Events>): PagesWebhooks<Events> {
  assertReceiver(receiver, 'pagesWebhooks')
  const handler: ApiHandler = async (request, response) => {
    await answerDelivery(receiver, request, response, { fixWhenConsumed, url: askedUrl(request) })
  }
  return notWhileBuilding(asWebhooks(handler, receiver, nodeDrain))
}

/** One call for a provider and its receiver: the general form above, applied to a provider's package. */
function webhooksOf<Options, Events extends EventMap>(
  call: string,
  makeReceiver: (options: Options) => Receiver<Events>,
  known: object,
): (options: Options) => PagesWebhooks<Events> {
  return (options) => {
    assertOptions(options, known, call, '')
    return pagesWebhooks(makeReceiver(options))
  }
}

/**
 * Receives Sematryx in the Pages Router: `export default sematryxWebhooks({ secret })`.
 *
 * @throws {ConfigurationError} for an unusable secret or option.
 */
export const sematryxWebhooks = webhooksOf('sematryxWebhooks', sematryxReceiver, sematryxOptionNames)

/**
 * Receives JAOT in the Pages Router: `export default jaotWebhooks({ secret })`.
 *
 * @throws {ConfigurationError} for an unusable secret or option.
 */
export const jaotWebhooks = webhooksOf('jaotWebhooks', jaotReceiver, jaotOptionNames)
