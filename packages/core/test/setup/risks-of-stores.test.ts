import { memoryInbox } from '@hookport/core'
import { inboxInFront } from '@hookport/core/testing'
import { expect, test, vi } from 'vitest'
import { acmeReceiver } from '../support/acme-receiver.ts'
import { collectUnhandledRejections, rejectionsReported } from '../support/unhandled-rejections.ts'

const notAsked = [{ message: "the inbox can't be asked for its configuration" }]

test.each([
  [
    'throws',
    () => {
      throw new Error('no connection')
    },
  ],
  ['rejects', () => Promise.reject(new Error('no connection'))],
  ['answers something else than a list', async () => 'noeviction is not set' as unknown as string[]],
])(
  'an inbox that %s as it is asked for risks ends no process, costs no receiver, and the log says so',
  async (_, findRisks) => {
    vi.stubEnv('NODE_ENV', 'production')
    const unhandled = collectUnhandledRejections()
    const inbox = inboxInFront(memoryInbox(), { durable: true, findRisks })
    const { receiver, send, log } = acmeReceiver({ inbox })
    expect(await send()).toMatchObject({ status: 200 })
    await rejectionsReported()
    expect(unhandled).toEqual([])
    expect(log.at('warn')).toMatchObject(notAsked)
    await receiver.stop()
    vi.unstubAllEnvs()
  },
)

test('risks are logged whether they are answered at once or later, and none is where there are none', async () => {
  const risks = ['noeviction is not set']
  for (const answered of [risks, Promise.resolve(risks), undefined]) {
    const findRisks = () => answered as Promise<string[]>
    const { receiver, log } = acmeReceiver({
      inbox: inboxInFront(memoryInbox(), { durable: true, findRisks }),
    })
    await rejectionsReported()
    expect(log.at('warn').map(({ message }) => message)).toEqual(answered ? risks : [])
    await receiver.stop()
  }
})
