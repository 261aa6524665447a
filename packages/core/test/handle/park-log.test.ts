import { recordedLogger } from '@hookport/testkit/logs'
import { expect, test } from 'vitest'
import { ParkLog } from '../../src/handle/park-log.ts'

function parkLog(handled: readonly string[] = []) {
  const log = recordedLogger()
  return { parked: new ParkLog(log.logger, { source: 'jaot' }, () => handled), lines: log.lines }
}

test('the first event of each type writes a line that names the type', () => {
  const { parked, lines } = parkLog()
  for (const type of ['a.done', 'a.done', 'b.done', 'a.done']) parked.parked(type)
  expect(lines).toMatchObject([
    {
      level: 'warn',
      details: { source: 'jaot', type: 'a.done' },
      message: expect.stringContaining('a.done'),
    },
    { level: 'warn', details: { type: 'b.done' } },
  ])
})

test('a sibling that is handled is named', () => {
  const { parked, lines } = parkLog(['credits.low', 'trigger.run.failed', 'trigger.run.completed'])
  parked.parked('trigger.execution.completed')
  expect(lines).toMatchObject([
    {
      details: { sibling: 'trigger.run.completed' },
      message: expect.stringContaining('trigger.run.completed'),
    },
  ])
})

test.each([['trigger.run.failed'], ['other.run.completed'], ['trigger'], ['completed']])(
  '%s is no sibling',
  (handled) => {
    const { parked, lines } = parkLog([handled])
    parked.parked('trigger.execution.completed')
    expect(lines).toHaveLength(1)
    expect(lines[0]?.details).not.toHaveProperty('sibling')
  },
)

test('of types that a stranger makes up without end, a thousand are told of', () => {
  const { parked, lines } = parkLog()
  for (let type = 0; type < 1_100; type++) parked.parked(`type_${type}`)
  expect(lines).toHaveLength(1_000)
})

test('types of any length take up no memory: of those too long to be remembered, one is told of', () => {
  const { parked, lines } = parkLog()
  for (let type = 0; type < 3; type++) parked.parked('x'.repeat(500) + type)
  expect(lines).toHaveLength(1)
  parked.parked('a.done')
  expect(lines).toHaveLength(2)
})

test('what can not be parked is told of in the same way: once for each type, a thousand at most', () => {
  const { parked, lines } = parkLog()
  for (const type of ['a.done', 'a.done']) parked.lost(type)
  expect(lines).toMatchObject([
    {
      level: 'warn',
      details: { source: 'jaot', type: 'a.done' },
      message: expect.stringContaining('a.done'),
    },
  ])
  for (let type = 0; type < 1_100; type++) parked.lost(`type_${type}`)
  expect(lines).toHaveLength(1_000)
})

test('types of one part are siblings of nothing, not even of one another', () => {
  const { parked, lines } = parkLog(['ping'])
  parked.parked('ping')
  expect(lines[0]?.details).not.toHaveProperty('sibling')
})

test('of an event that is dropped every reason that there can be is named, a store short of memory among them', () => {
  const { parked, lines } = parkLog()
  parked.expired('a.done')
  const reasons = ['keepParkedFor', 'maxParkedBytes', 'short of memory']
  for (const reason of reasons) expect(lines[0]?.message).toContain(reason)
})

test('of replays for handlers that are not here, a thousand are told of', () => {
  const { parked, lines } = parkLog()
  for (let type = 0; type < 1_100; type++) parked.waitsFor('index', `type_${type}`)
  expect(lines).toHaveLength(1_000)
})

test.each([
  ['order', 'order.order'],
  ['order.order', 'order'],
  ['order', 'order'],
])('%s is no sibling of %s: one part alone says too little', (handled, type) => {
  const { parked, lines } = parkLog([handled])
  parked.parked(type)
  expect(lines[0]?.details).not.toHaveProperty('sibling')
})

test.each(['\nforged line', 'forged line\n', '\u001b[2Jcleared', 'a b', '', 'x'.repeat(201)])(
  'a type that could break a line, or is no word, is not part of the message: %j',
  (type) => {
    const { parked, lines } = parkLog()
    parked.parked(type)
    expect(lines[0]?.message).toContain('events of a type with odd characters')
  },
)

test.each(['a', 'x'.repeat(200)])('any other is: %s', (type) => {
  const { parked, lines } = parkLog()
  parked.parked(type)
  expect(lines[0]?.message).toContain(`events of the type ${type}:`)
})
