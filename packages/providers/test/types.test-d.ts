import { createReceiver, type Provider, type Receiver, type StandardSchema } from '@hookport/core'
import { type JaotEvents, jaot, jaotReceiver } from '@hookport/providers/jaot'
import type { Run } from '@hookport/providers/jaot-api'
import { type SematryxEvents, sematryx, sematryxReceiver } from '@hookport/providers/sematryx'
import type { Optimization } from '@hookport/providers/sematryx-api'
import { expectTypeOf, test } from 'vitest'
import { z } from 'zod'

const receiver = sematryxReceiver({ secret: 'secret' })

test('the data of a known type is typed', () => {
  receiver.onEvent('optimization.completed', (event) => {
    expectTypeOf(event.type).toEqualTypeOf<'optimization.completed'>()
    expectTypeOf(event.createdAt).toEqualTypeOf<Date>()
    expectTypeOf(event.rawBody).toEqualTypeOf<Uint8Array<ArrayBuffer>>()
    expectTypeOf(event.data.result.best_fitness).toEqualTypeOf<number>()
    expectTypeOf(event.data.result.best_solution).toEqualTypeOf<number[]>()
  })
  jaotReceiver({ secret: 'secret' }).onEvent('execution.completed', (event) => {
    expectTypeOf(event.data.objective_value).toEqualTypeOf<number | null | undefined>()
  })
})

test('what is fetched of an event is typed', () => {
  receiver.onEvent(['optimization.completed', 'optimization.failed'], async (event) => {
    expectTypeOf(await event.fetch()).toEqualTypeOf<Optimization>()
  })
  const runs = jaotReceiver({ secret: 'secret' })
  runs.onEvent('trigger.execution.completed', async (event) => {
    expectTypeOf(await event.fetch()).toEqualTypeOf<Run>()
  })
  runs.onEvent('credits.low', async (event) => expectTypeOf(await event.fetch()).toEqualTypeOf<unknown>())
})

test('what is not documented is not promised', () => {
  receiver.onEvent('optimization.failed', (event) => {
    expectTypeOf(event.data.optimization_id).toEqualTypeOf<string | null | undefined>()
  })
})

test('a misspelt field does not compile', () => {
  receiver.onEvent('optimization.completed', (event) => {
    // @ts-expect-error it is best_fitness
    event.data.result.best_fitnes
    // @ts-expect-error the event itself has no such field
    event.dat
    expectTypeOf(event.payload.whatever_they_add).toEqualTypeOf<unknown>()
  })
})

test('a misspelt event type does not compile', () => {
  // @ts-expect-error it is optimization.completed
  receiver.onEvent('optimization.complete', () => {})
  // @ts-expect-error nor in a list
  receiver.onEvent(['optimization.completed', 'optimization.complete'], () => {})
  // @ts-expect-error a type of another provider
  jaotReceiver({ secret: 'secret' }).onEvent('optimization.completed', () => {})
})

test('a list of types gives a union that is told apart by type', () => {
  receiver.onEvent(['optimization.completed', 'optimization.failed'], (event) => {
    expectTypeOf(event.type).toEqualTypeOf<'optimization.completed' | 'optimization.failed'>()
    if (event.type === 'optimization.completed') {
      expectTypeOf(event.data.result.best_solution).toEqualTypeOf<number[]>()
    } else {
      expectTypeOf(event.data.optimization_id).toEqualTypeOf<string | null | undefined>()
    }
  })
})

test('an added type is typed by its schema', () => {
  const events = { 'optimization.paused': z.object({ reason: z.string() }) }
  sematryxReceiver({ secret: 'secret', events })
    .onEvent('optimization.paused', (event) => {
      expectTypeOf(event.data).toEqualTypeOf<{ reason: string }>()
    })
    .onEvent('optimization.completed', (event) => {
      expectTypeOf(event.data.result.best_fitness).toEqualTypeOf<number>()
    })
    // @ts-expect-error still unknown
    .onEvent('optimization.resumed', () => {})
})

test('an added type is typed by the output of a schema of any library', () => {
  const schema = {} as StandardSchema<{ since: string }, { since: Date }>
  jaotReceiver({ secret: 'secret', events: { 'credits.refilled': schema } }).onEvent(
    'credits.refilled',
    (event) => {
      expectTypeOf(event.data).toEqualTypeOf<{ since: Date }>()
    },
  )
})

test('an overriding schema changes the type', () => {
  const events = { 'optimization.completed': z.object({ score: z.number() }) }
  sematryxReceiver({ secret: 'secret', events }).onEvent('optimization.completed', (event) => {
    expectTypeOf(event.data).toEqualTypeOf<{ score: number }>()
  })
})

test('the general form is typed like the short one', () => {
  createReceiver({ provider: sematryx({ secret: 'secret' }) }).onEvent('optimization.completed', (event) => {
    expectTypeOf(event.data.result.best_fitness).toEqualTypeOf<number>()
  })
  createReceiver({ provider: jaot({ secret: 'secret' }) })
    // @ts-expect-error it is credits.low
    .onEvent('credits.lo', () => {})
})

test('a variable may be declared with its type, as compilers need it for an export with isolatedDeclarations', () => {
  const provider: Provider<SematryxEvents> = sematryx({ secret: 'secret' })
  createReceiver({ provider }).onEvent('optimization.completed', () => {})
  const short: Receiver<JaotEvents> = jaotReceiver({ secret: 'secret' })
  const general: Receiver<JaotEvents> = createReceiver({ provider: jaot({ secret: 'secret' }) })
  const events = { 'credits.refilled': z.object({ by: z.string() }) }
  const more: Receiver<JaotEvents & { 'credits.refilled': { by: string } }> = jaotReceiver({
    secret: 'secret',
    events,
  })
  const any: Receiver = sematryxReceiver({ secret: 'secret' })
  expectTypeOf([short, general, more, any]).items.toExtend<object>()
  // @ts-expect-error events of another provider
  const wrong: Receiver<JaotEvents> = sematryxReceiver({ secret: 'secret' })
  expectTypeOf(wrong).toBeObject()
})

test('ReturnType has the events of the provider', () => {
  const declared: ReturnType<typeof jaotReceiver> = jaotReceiver({ secret: 'secret' })
  declared.onEvent('credits.low', (event) => {
    expectTypeOf(event.data.current_balance).toEqualTypeOf<number>()
  })
})

test('a secret may come straight from the environment, and may be several or a function', () => {
  expectTypeOf(process.env.SEMATRYX_WEBHOOK_SECRET).toEqualTypeOf<string | undefined>()
  sematryxReceiver({ secret: process.env.SEMATRYX_WEBHOOK_SECRET })
  jaotReceiver({ secret: process.env.JAOT_WEBHOOK_SECRET })
  sematryxReceiver({ secret: ['new', 'old'] })
  sematryxReceiver({ secret: async ({ headers }) => headers.get('x-tenant') ?? undefined })
  // @ts-expect-error a number is none
  sematryxReceiver({ secret: 1 })
})

test('an unknown option does not compile', () => {
  // @ts-expect-error it is dedupeWindow
  sematryxReceiver({ secret: 'secret', dedupWindow: 1 })
  // @ts-expect-error it is secret
  jaot({ secrets: 'secret' })
  // @ts-expect-error only Sematryx re-serialises
  jaotReceiver({ secret: 'secret', acceptReserialized: true })
  // @ts-expect-error the provider is given already
  sematryxReceiver({ secret: 'secret', provider: sematryx({ secret: 'secret' }) })
})
