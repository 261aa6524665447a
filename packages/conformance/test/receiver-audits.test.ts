import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { auditReceiver, httpProbe, type ReceiverAudit, receiverAudits, runAudit } from '@hookport/conformance'
import { describe, expect, test } from 'vitest'
import { brokenTwins } from './broken-twins/broken-twins.ts'
import { startTwin } from './start-twin.ts'

/** Short, as some twins keep an audit waiting to its end. */
const patienceMs = 5_000

async function failuresOf(twin: Parameters<typeof startTwin>[0]): Promise<string[]> {
  const { target, stop } = await startTwin(twin)
  try {
    const results = await auditReceiver({ ...target, patienceMs })
    return results.filter(({ status }) => status !== 'passed').map(({ id }) => id)
  } finally {
    await stop()
  }
}

/** Each is started and audited as a whole, which takes a second or two: a quarter of them in every run, all with TEST_ALL. */
const tried = brokenTwins.filter((_, index) => process.env.TEST_ALL !== undefined || index % 4 === 0)

describe.concurrent('a receiver', () => {
  test('that is sound passes every audit', { timeout: 60_000 }, async ({ expect }) => {
    expect(await failuresOf({ name: 'sound' })).toEqual([])
  })

  test.for(tried)('that $name is caught', { timeout: 60_000 }, async (twin, { expect }) => {
    const failures = await failuresOf(twin)
    expect(failures.filter((id) => !twin.maybeCaughtBy?.includes(id))).toEqual(twin.caughtBy)
  })
})

test('every audit catches a twin', () => {
  const caught = new Set(brokenTwins.flatMap(({ caughtBy }) => caughtBy))
  expect(receiverAudits.map(({ id }) => id).filter((id) => !caught.has(id))).toEqual([])
})

test('audits that open connections of their own find a receiver at an IPv6 address', async () => {
  const { target, stop } = await startTwin({ name: 'sound' }, '::1')
  const audits = receiverAudits.filter(({ id }) => ['H805', 'H806', 'H807'].includes(id))
  const results = await Promise.all(audits.map((audit) => runAudit(audit, { ...target, patienceMs })))
  await stop()
  expect(results.map(({ status }) => status)).toEqual(['passed', 'passed', 'passed'])
})

test('an application that hangs fails an audit, and does not hang it', async () => {
  const { target, stop } = await startTwin({ name: 'sound' })
  const silent = createServer(() => {}).listen(0, '127.0.0.1')
  await once(silent, 'listening')
  const { port } = silent.address() as AddressInfo
  const probe = httpProbe(`http://127.0.0.1:${port}/runs`, { patienceMs: 200 })
  const [audit] = receiverAudits
  expect(await runAudit(audit as ReceiverAudit, { ...target, probe })).toMatchObject({ status: 'failed' })
  silent.closeAllConnections()
  silent.close()
  await stop()
})
