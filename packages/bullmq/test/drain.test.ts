import { sematryxReceiver } from '@hookport/providers/sematryx'
import { describeDrains } from '@hookport/testkit/inbox/describe-drains'
import { expect, test } from 'vitest'
import { useBench } from './support/bench.ts'

const bench = useBench()

describeDrains(() => bench.open())

test('drains leave no connection behind', async () => {
  const receiver = sematryxReceiver({ secret: 's', consume: false, logger: false, inbox: bench.open() })
  receiver.onAnyEvent(() => {})
  await receiver.drain()
  const before = await connections()
  for (let drained = 0; drained < 10; drained++) await receiver.drain()
  await expect.poll(connections).toBeLessThanOrEqual(before) // that of the first drain may have been ending still
  await receiver.stop()
})

async function connections(): Promise<number> {
  const list = (await bench.redis.client('LIST')) as string
  return list.trim().split('\n').length
}
