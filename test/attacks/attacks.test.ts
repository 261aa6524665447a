import { manualClock } from '@hookport/core/testing'
import { jaot } from '@hookport/providers/jaot'
import { sematryx } from '@hookport/providers/sematryx'
import { RawConnection } from '@hookport/testkit/http/raw-connection'
import { serving } from '@hookport/testkit/http/serving'
import { beforeEach, describe, expect, test, vi } from 'vitest'
import { attacks } from './attacks.ts'
import { adapters } from './support/adapters.ts'
import { expectPlainLog, expectReached, replyOf } from './support/expect-reached.ts'
import { body, maxBodyBytes, secrets, signed } from './support/forge.ts'
import { bodyTimeout, strike } from './support/strike.ts'
import { Seen, watchedReceiver } from './support/watched-receiver.ts'

describe.each(Object.entries(adapters))('%s', (adapter, serve) => {
  const clock = manualClock(Date.parse('2026-11-20T12:00:00Z'))
  const options = { clock, maxBodyBytes, bodyTimeout }
  const seen = new Seen()
  const thrown: unknown[] = []
  const receivers = {
    '/sematryx': watchedReceiver(sematryx({ secret: secrets.sematryx }), seen, options),
    '/jaot': watchedReceiver(jaot({ secret: secrets.jaot }), seen, options),
  }
  const app = serving(() => serve(receivers, (error) => thrown.push(error)))
  const idle = () => Promise.all(Object.values(receivers).map((receiver) => receiver.idle()))

  beforeEach(async () => {
    await clock.advance(60_000) // lines are sampled: each attack has a minute of its own
    thrown.length = 0
    seen.forget()
  })

  test.each(attacks)('$id: $input', async (row) => {
    const attack = { ...row, ...row.except?.[adapter] }
    const sent = attack.send(clock.now())
    const parse = vi.spyOn(JSON, 'parse')

    expect(await strike(app.origin, attack, sent, clock, seen)).toEqual(attack.answers.map(replyOf))
    await idle()
    if (attack.reach === 'nowhere') expect(parse.mock.calls.filter(isOfSender)).toEqual([])
    parse.mockRestore()
    expectReached(seen, attack, sent)
    expectPlainLog(seen)
    expect(Object.prototype).not.toHaveProperty('polluted')
    expect(thrown).toEqual([])
    await expectServing()
  })

  /** Another sender, on another connection, is served as if nothing had been. */
  async function expectServing(): Promise<void> {
    const connection = await RawConnection.open(app.origin)
    await connection.write(signed(body(clock.now())))
    expect(await connection.replies(1)).toEqual([replyOf({ status: 200 })])
    connection.hangUp()
    await idle()
  }
})

/** The runner of the tests parses maps of sources where something asks for the stack of an error. */
function isOfSender([text]: Parameters<typeof JSON.parse>): boolean {
  return !/^\{"version":3,"(?:mappings|sources|names|file)"/.test(text)
}
