import { receiver } from '../vendors/vendors.js'
import { deadLetters, plugin, webhooks } from '../webhooks/webhooks.js'

// What declarations of another project say is what it meant: nothing has become `any`.
webhooks.onEvent('optimization.completed', (event): number[] => event.data.result.best_solution)
// @ts-expect-error there is no such field
webhooks.onEvent('optimization.completed', (event) => event.data.nothing)
// @ts-expect-error there is no such event
void plugin().then((receiver) => receiver.onEvent('no.such.event', () => {}))
// @ts-expect-error it is a page of events
void Promise.resolve(deadLetters).then(({ nothing }) => nothing)
receiver.onEvent('push', (event): unknown => event.data.ref)
// @ts-expect-error its data is the payload, whose fields are unknown
receiver.onEvent('push', (event): string => event.data.ref)
