import { sematryxReceiver } from '@hookport/providers/sematryx'
import { deliver } from '@hookport/testing'
import { test } from 'vitest'

const receiver = sematryxReceiver({ secret: 'a secret' })

test('parts of the data are typed by the type', () => {
  deliver(receiver, { type: 'optimization.completed', data: { result: { best_fitness: 1 } } })
  // @ts-expect-error: it is a number
  deliver(receiver, { type: 'optimization.completed', data: { result: { best_fitness: 'good' } } })
})

test('any other type is allowed, with any data', () => {
  deliver(receiver, { type: 'optimization.paused', data: { why: 'night' } })
})
