import { deadLetters, plugin, webhooks } from '../lib/webhooks.js'

// What declarations of another project say is what it meant: nothing has become `any`.
webhooks.onEvent('optimization.completed', (event): number[] => event.data.result.best_solution)
// @ts-expect-error there is no such field
webhooks.onEvent('optimization.completed', (event) => event.data.nothing)
// @ts-expect-error there is no such event
void plugin().then((receiver) => receiver.onEvent('no.such.event', () => {}))
// @ts-expect-error it is a page of events
void Promise.resolve(deadLetters).then(({ nothing }) => nothing)
