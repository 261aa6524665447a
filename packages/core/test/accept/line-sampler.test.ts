import { type Clock, type Logger, Refusal } from '@hookport/core'
import { manualClock } from '@hookport/core/testing'
import { recordedLogger } from '@hookport/testkit/logs'
import { describe, expect, test, vi } from 'vitest'
import { LineSampler, sampledLogger } from '../../src/accept/tell/line-sampler.ts'
import { completeClock } from '../../src/time/system-clock.ts'
import { post, sign, signedPost } from '../support/acme.ts'
import { acmeReceiver } from '../support/acme-receiver.ts'

const forged = () => post('{}', { 'x-acme-signature': sign('another body') })
const unsigned = () => post('{}')

type Acme = ReturnType<typeof acmeReceiver>

async function forge({ receiver }: Acme, times: number, logger?: Logger): Promise<void> {
  for (let time = 0; time < times; time++) await receiver.receive({ ...forged(), logger })
}

describe('lines that strangers cause', () => {
  test('are at most ten a minute for each reason, then one says how many were left out', async () => {
    const acme = acmeReceiver()
    await forge(acme, 5_000)
    expect(acme.log.lines).toHaveLength(10)
    expect(acme.clock.pendingTimers).toBe(1)
    await acme.clock.advance(60_000)
    expect(acme.log.lines).toHaveLength(11)
    expect(acme.log.lines[10]).toMatchObject({
      level: 'warn',
      details: { provider: 'acme', code: 'invalid_signature', leftOut: 4_990 },
      message: expect.stringContaining('4990 more lines of this reason left out'),
    })
    expect(acme.clock.pendingTimers).toBe(0)
  })

  test('are counted from the first of them on, for a minute', async () => {
    const acme = acmeReceiver()
    await forge(acme, 10)
    await acme.clock.advance(20_000)
    await forge(acme, 1)
    await acme.clock.advance(39_999)
    expect(acme.log.lines).toHaveLength(10)
    await acme.clock.advance(1)
    expect(acme.log.lines[10]).toMatchObject({
      details: { leftOut: 1 },
      message: expect.stringContaining(': 1 more line of this reason left out'),
    })
  })

  test('are not told of as left out where none was', async () => {
    const acme = acmeReceiver()
    await forge(acme, 10)
    await acme.receiver.stop()
    expect(acme.log.lines).toHaveLength(10)
  })

  test('and were left out are told of when the receiver is stopped, once', async () => {
    const acme = acmeReceiver()
    await forge(acme, 25)
    await acme.receiver.stop()
    expect(acme.log.lines).toHaveLength(11)
    expect(acme.log.lines[10]).toMatchObject({ details: { code: 'invalid_signature', leftOut: 15 } })
    await acme.clock.advance(60_000)
    expect(acme.log.lines).toHaveLength(11)
  })

  test('are counted anew in the next minute', async () => {
    const acme = acmeReceiver()
    await forge(acme, 12)
    await acme.clock.advance(60_000)
    await forge(acme, 12)
    await acme.clock.advance(60_000)
    expect(acme.log.lines).toHaveLength(22)
  })

  test('one reason does not use up the lines of another', async () => {
    const acme = acmeReceiver()
    await forge(acme, 100)
    await acme.receiver.receive(unsigned())
    expect(acme.log.lines.at(-1)).toMatchObject({ details: { code: 'missing_signature' } })
  })

  test('keep their own ten lines of each reason, whatever methods a stranger makes up', async () => {
    const acme = acmeReceiver()
    for (let number = 0; number < 100; number++)
      await acme.receiver.receive({ ...post('{}'), method: String.fromCharCode(0x4e00 + number) })
    await forge(acme, 15)
    for (let time = 0; time < 15; time++) await acme.receiver.receive(unsigned())
    const codes = acme.log.at('warn').map(({ details }) => details.code)
    expect(codes).toEqual([...Array(10).fill('invalid_signature'), ...Array(10).fill('missing_signature')])
  })

  test('are observed, all of them', async () => {
    const acme = acmeReceiver()
    await forge(acme, 50)
    expect(acme.observed.rejected).toHaveLength(50)
  })

  test('count together where each request has a logger of its own; the receiver’s says how many were left out', async () => {
    const acme = acmeReceiver()
    const perRequest = recordedLogger()
    await forge(acme, 15, perRequest.logger)
    await acme.clock.advance(60_000)
    expect(perRequest.lines).toHaveLength(10)
    expect(acme.log.lines).toMatchObject([{ details: { leftOut: 5 } }])
  })

  test('of adapters are sampled too', () => {
    const acme = acmeReceiver()
    for (let time = 0; time < 100; time++) acme.receiver.logger.error({}, 'a reply could not be written')
    expect(acme.log.lines).toHaveLength(10)
  })

  test('of adapters and were left out are told of with the provider, where the line named one', () => {
    const told: unknown[] = []
    for (const details of [{ provider: 'acme', url: '/hooks' }, { url: '/hooks' }]) {
      const log = recordedLogger()
      const sampler = new LineSampler(log.logger, manualClock())
      const logger = sampledLogger(log.logger, sampler)
      for (let time = 0; time < 11; time++) logger.error(details, 'a reply could not be written')
      sampler.close()
      told.push(log.lines[10]?.details)
    }
    expect(told).toStrictEqual([{ provider: 'acme', leftOut: 1 }, { leftOut: 1 }])
  })

  test('that differ by a figure have one reason', async () => {
    const acme = acmeReceiver()
    for (let age = 0; age < 30; age++) {
      const stale = JSON.stringify({ id: 'a', type: 'a', at: acme.clock.now() - (10 + age) * 86_400_000 })
      await acme.receiver.receive(signedPost(stale))
    }
    expect(acme.log.lines).toHaveLength(10)
  })

  test('what genuine events cause is never left out', async () => {
    const acme = acmeReceiver({ retry: { attempts: 1 } })
    acme.receiver.onEvent('order.paid', () => {
      throw new Error('broken')
    })
    for (let number = 0; number < 30; number++) await acme.send({ id: `evt_${number}` })
    await acme.receiver.idle()
    expect(acme.log.at('error')).toHaveLength(30)
  })
})

describe('whatever varies in a reason', () => {
  function sampler(clock: Clock) {
    const log = recordedLogger()
    return { log, sampler: new LineSampler(log.logger, completeClock(clock)) }
  }
  const line = (message: string) => ({ level: 'warn', message, about: {} }) as const

  test('ten thousand reasons that a stranger makes up write some hundreds of lines, and are forgotten', () => {
    const { sampler: made } = sampler({ now: () => 100_000, after: () => () => {} })
    let admitted = 0
    for (let number = 0; number < 10_000; number++)
      if (made.admits(line(`method ${String.fromCharCode(0x4e00 + number)}`))) admitted += 1
    expect(admitted).toBe(50 + 10)
  })

  test('takes no lines from another code, which may have as many reasons', () => {
    const { sampler: made } = sampler({ now: () => 0, after: () => () => {} })
    const admitted = (code: string) =>
      Array.from({ length: 200 }, (_, number) => String.fromCharCode(0x4e00 + number)).filter((name) =>
        made.admits({ ...line(`method ${name}`), about: { code } }),
      )
    expect(admitted('stale_event')).toHaveLength(50 + 10)
    expect(admitted('stale')).toHaveLength(50 + 10)
  })

  test('room is made once a minute is over', () => {
    let now = 0
    const { sampler: made } = sampler({ now: () => now, after: () => () => {} })
    for (const name of 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ') made.admits(line(name))
    now = 60_000
    for (let time = 0; time < 10; time++) expect(made.admits(line('new'))).toBe(true)
    expect(made.admits(line('new'))).toBe(false)
    expect(made.admits(line('another'))).toBe(true)
  })

  test('a reason that was there before the others keeps its own ten lines', () => {
    const { sampler: made } = sampler({ now: () => 0, after: () => () => {} })
    for (let number = 0; number < 100; number++)
      made.admits(line(`method ${String.fromCharCode(0x4e00 + number)}`))
    expect(made.admits(line('another of too many'))).toBe(false)
    const first = () => made.admits(line(`method ${String.fromCharCode(0x4e00)}`))
    expect(Array.from({ length: 10 }, first)).toEqual([...Array(9).fill(true), false])
  })

  test('the timer that brings the count keeps no process alive', () => {
    const after = vi.fn(() => () => {})
    const { sampler: made } = sampler({ now: () => 0, after })
    for (let time = 0; time < 13; time++) made.admits(line('a'))
    expect(after.mock.calls).toEqual([[60_000, expect.any(Function), { background: true }]])
  })

  test('where timers are lost, the next line of the reason brings the count', () => {
    let now = 0
    const { sampler: made, log } = sampler({ now: () => now, after: () => () => {} })
    for (let time = 0; time < 13; time++) made.admits(line('a'))
    now = 60_000
    expect(made.admits(line('a'))).toBe(true)
    expect(log.lines).toMatchObject([{ details: { leftOut: 3 } }])
  })
})

test('a refusal whose line is left out is answered all the same', async () => {
  const acme = acmeReceiver()
  await forge(acme, 20)
  const failing = { ...forged(), readBody: () => Promise.reject(new Refusal('request_aborted', 'gone')) }
  expect(await acme.receiver.receive(failing)).toMatchObject({ status: 400 })
  expect(await acme.receiver.receive(forged())).toMatchObject({ status: 401 })
})
