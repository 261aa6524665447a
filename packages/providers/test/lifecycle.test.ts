import { sematryxReceiver } from '@hookport/providers/sematryx'
import { keepHandled } from '@hookport/testkit/receivers/feed-receiver'
import { expect, test } from 'vitest'

const result = { best_solution: [1], best_fitness: 1, evaluations: 1, duration_seconds: 1 }
const data = { optimization_id: 'opt_1', status: 'ended', result }
const meanwhile = ['strategy.changed', 'context.updated', 'optimization.stagnated']

test.each(['completed', 'failed', 'cancelled', 'timeout'])(
  'of one second, what Sematryx tells of an optimization is handled from its start to its end: %s',
  async (end) => {
    const receiver = sematryxReceiver({
      allowUnsigned: true,
      logger: false,
      consume: false,
      order: { by: () => 'opt_1' },
    })
    const created_at = new Date().toISOString()
    const told = [`optimization.${end}`, ...meanwhile, 'optimization.started']
    for (const type of told) {
      const event = { id: `evt_${type}`, type, created_at, data }
      const readBody = () => Buffer.from(JSON.stringify(event))
      await receiver.receive({ method: 'POST', url: '/', headers: new Headers(), readBody })
    }
    const handled = keepHandled(receiver)
    await receiver.idle()
    expect(handled.map(({ type }) => type)).toEqual([
      'optimization.started',
      ...meanwhile,
      `optimization.${end}`,
    ])
  },
)
