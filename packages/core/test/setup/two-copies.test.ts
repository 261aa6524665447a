import { decodeJson, memoryInbox, requireId } from '@hookport/core'
import { expect, test, vi } from 'vitest'
import { acmeReceiver } from '../support/acme-receiver.ts'

/** Another copy of the package, as a second version in `node_modules` is one. */
async function otherCopy() {
  vi.resetModules()
  const copy = await import('../support/acme-receiver.ts')
  expect(copy.acmeReceiver).not.toBe(acmeReceiver)
  return { ...copy, core: await import('@hookport/core') }
}

test('an inbox that receivers of two copies share stays open until both have stopped', async () => {
  const inbox = memoryInbox()
  const first = acmeReceiver({ inbox })
  const second = (await otherCopy()).acmeReceiver({ inbox, name: 'other-copy' })
  await first.receiver.stop()
  expect(await second.send({ id: 'evt_1' })).toMatchObject({ status: 200 })
  await second.receiver.stop()
  await expect(async () => inbox.counts()).rejects.toThrow(/closed/)
})

test('a payload that one copy has read has exact ids for a definition that uses another', async () => {
  const { core } = await otherCopy()
  expect(core.requireId).not.toBe(requireId)
  const payload = decodeJson(Buffer.from('{"id":9007199254740993}')) as { id: number }
  expect(core.requireId(payload, 'id')).toBe('9007199254740993')
})
