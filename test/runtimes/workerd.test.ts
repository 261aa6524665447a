import { httpProbe } from '@hookport/conformance'
import { targetAt, withoutNode } from '@hookport/testkit/audits/audited-receivers'
import { describeAudits } from '@hookport/testkit/audits/describe-audits'
import { postDelivery } from '@hookport/testkit/http/serve-and-post'
import { serving } from '@hookport/testkit/http/serving'
import { signedSematryx } from '@hookport/testkit/receivers/signed-deliveries'
import { describe, expect, test } from 'vitest'
import { startWorker } from './support/workerd.ts'

const skips = {
  H803: 'workerd itself closes a connection of which the body was not read to its end',
  H806: 'as H805',
  H805: 'a worker can not close a connection: the platform strips the header',
}

describe.each([{ flags: [] }, { flags: ['nodejs_compat'] }])('workerd, flags $flags', ({ flags }) => {
  const running = serving(() => startWorker('audited-app.ts', flags), 30_000)
  const probe = () => httpProbe(`${running.origin}/probe`)
  describeAudits('audits', () => withoutNode(targetAt(running.origin, probe())), skips)
})

describe('where timers belong to a request', () => {
  const running = serving(() => startWorker('slow-handlers.ts'), 30_000)

  async function send(id: string, path: string): Promise<void> {
    const delivery = signedSematryx({ id, created_at: new Date().toISOString() })
    const { status } = await postDelivery(`${running.origin}${path}`, delivery)
    expect(status).toBe(200)
  }

  const log = async (id: string) => {
    const lines = (await (await fetch(`${running.origin}/log`)).json()) as string[]
    return lines.filter((line) => line.startsWith(id))
  }

  test('a handler is aborted after handlerTimeout, also right after a quick request', async () => {
    await send('evt_quick', '/kept-alive')
    await send('evt_hangs', '/kept-alive')
    await expect.poll(() => log('evt_hangs'), { timeout: 5_000, interval: 20 }).toHaveLength(2)
    const [aborted, failed] = await log('evt_hangs')
    expect(failed).toBe('evt_hangs failed: handler_timeout')
    const ms = Number(/after (\d+) ms/.exec(aborted ?? '')?.[1])
    expect(ms).toBeGreaterThanOrEqual(790)
    expect(ms).toBeLessThan(1_500)
  })

  test('what a request leaves undone that nothing kept alive, the next one takes up', async () => {
    await send('evt_takes_time_1', '/left-alone')
    await send('evt_takes_time_2', '/left-alone')
    expect(await log('evt_takes_time')).toEqual([])
    await send('evt_last', '/kept-alive')
    await expect
      .poll(async () => (await log('evt_takes_time')).sort(), { timeout: 5_000 })
      .toEqual(['evt_takes_time_1 handled', 'evt_takes_time_2 handled'])
  })
})
