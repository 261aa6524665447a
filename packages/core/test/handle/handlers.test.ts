import { ConfigurationError } from '@hookport/core'
import { describe, expect, test } from 'vitest'
import { Handlers } from '../../src/handle/handlers.ts'

const handle = () => {}
const namesOf = (handlers: Handlers, type: string) => handlers.of(type).handlers.map(({ name }) => name)

describe('on a durable inbox', () => {
  test('one handler of a type needs no name, and neither do those of different types', () => {
    const handlers = new Handlers(true)
    handlers.add('order.paid', handle)
    handlers.add(['order.cancelled', 'order.refunded'], handle)
    handlers.addForAny(handle)
    handlers.addForUnhandled(handle)
    expect(namesOf(handlers, 'order.paid')).toEqual(['onEvent(order.paid)#0', 'onAnyEvent#0'])
  })

  test.each([
    [undefined, undefined],
    ['charge', undefined],
    [undefined, 'charge'],
  ])('two handlers named %s and %s are an error, and the second is not added', (first, second) => {
    for (const add of ['addForAny', 'addForUnhandled', 'byType'] as const) {
      const handlers = new Handlers(true)
      const register = (name: string | undefined) => {
        const options = name === undefined ? {} : { name }
        if (add === 'byType') handlers.add('order.paid', handle, options)
        else handlers[add](handle, options)
      }
      register(first)
      expect(() => register(second)).toThrow(ConfigurationError)
      expect(handlers.of('order.paid').handlers).toHaveLength(1)
    }
  })

  test('a handler that brings its name along needs no other, and a given one goes before it', () => {
    const handlers = new Handlers(true)
    const own = Object.assign(() => {}, { handlerName: 'charge' })
    handlers.add('order.paid', own)
    handlers.add('order.paid', own, { name: 'mail' })
    expect(namesOf(handlers, 'order.paid')).toEqual([
      'onEvent(order.paid):charge',
      'onEvent(order.paid):mail',
    ])
    expect(() => handlers.add('order.paid', own)).toThrow('already has a handler named "charge"')
  })

  test('a handler that one of its types refuses is added to none of them', () => {
    const handlers = new Handlers(true)
    handlers.add('order.paid', handle, { name: 'mail' })
    const both = ['order.cancelled', 'order.paid']
    expect(() => handlers.add(both, handle, { name: 'mail' })).toThrow('already has a handler')
    expect(handlers.types).toEqual(['order.paid'])
    handlers.add(both, handle, { name: 'charge' })
    expect(handlers.names).toEqual([
      'onEvent(order.paid):mail',
      'onEvent(order.paid):charge',
      'onEvent(order.cancelled):charge',
    ])
  })

  test('two that are named are not', () => {
    const handlers = new Handlers(true)
    for (const name of ['charge', 'mail']) handlers.add('order.paid', handle, { name })
    expect(namesOf(handlers, 'order.paid')).toEqual([
      'onEvent(order.paid):charge',
      'onEvent(order.paid):mail',
    ])
  })
})

test('on a memory inbox they need no names, as nothing outlives them', () => {
  const handlers = new Handlers(false)
  handlers.add('order.paid', handle)
  handlers.add('order.paid', handle)
  expect(namesOf(handlers, 'order.paid')).toEqual(['onEvent(order.paid)#0', 'onEvent(order.paid)#1'])
})

test('two of one name are an error everywhere', () => {
  const handlers = new Handlers(false)
  handlers.add('order.paid', handle, { name: 'mail' })
  expect(() => handlers.add('order.paid', handle, { name: 'mail' })).toThrow(/named "mail"/)
})

describe('what a consumer is handed', () => {
  test('is nothing where there is no handler, and the rest waits', () => {
    expect(new Handlers(true).wanted('park')).toEqual({ types: [], others: 'park' })
  })

  test('is of the types that have one', () => {
    const handlers = new Handlers(true)
    handlers.add(['order.paid', 'order.cancelled'], handle)
    expect(handlers.wanted('park')).toEqual({ types: ['order.paid', 'order.cancelled'], others: 'park' })
    expect(handlers.wanted('drop')).toEqual({ types: ['order.paid', 'order.cancelled'], others: 'drop' })
    expect(handlers.of('order.teleported')).toEqual({ handlers: [], areAll: false })
  })

  test.each(['addForAny', 'addForUnhandled'] as const)('is everything where there is but %s', (add) => {
    const handlers = new Handlers(true)
    handlers[add](handle)
    expect(handlers.wanted('park')).toEqual({ types: 'all', others: 'hand-out' })
    expect(handlers.of('order.paid')).toMatchObject({ handlers: [{ handle }], areAll: true })
  })

  test.each(['addForAny', 'addForUnhandled'] as const)(
    'is the others once, where there is %s beside',
    (add) => {
      const handlers = new Handlers(true)
      handlers.add('order.paid', handle)
      handlers[add](handle)
      expect(handlers.wanted('park')).toEqual({ types: ['order.paid'], others: 'hand-out' })
      expect(handlers.of('order.paid').areAll).toBe(true)
      expect(handlers.of('order.teleported')).toMatchObject({ handlers: [{ handle }], areAll: false })
    },
  )
})

test('two handlers that call themselves the same are refused where an event is for both, as each would take what the other has done for its own', () => {
  const made = () => Object.assign(() => {}, { handlerName: 'save' })
  const refused = 'an event has two handlers named "save"; give each its own name'
  const handlers = new Handlers(true)
  const handle = made()
  handlers.add('order.paid', handle)
  expect(() => handlers.addForAny(made())).toThrow(refused)
  expect(() => handlers.add('order.paid', made(), { name: 'other' })).toThrow(refused)
  handlers.add('order.lost', made())
  handlers.addForUnhandled(made())
  expect(handlers.names).toEqual([
    'onEvent(order.paid):save',
    'onEvent(order.lost):save',
    'onUnhandledEvent:save',
  ])
  const catchAlls = new Handlers(true)
  catchAlls.addForAny(handle)
  expect(() => catchAlls.addForUnhandled(made())).toThrow(refused)
  expect(() => catchAlls.add('order.paid', made())).toThrow(refused)
  catchAlls.addForUnhandled(handle) // one and the same
  catchAlls.add('order.paid', handle)
})
