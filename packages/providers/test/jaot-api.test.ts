import {
  allRuns,
  createTrigger,
  deleteTrigger,
  fireTrigger,
  getRun,
  getTrigger,
  listRuns,
  listTriggers,
  rerun,
  toggleTrigger,
  updateTrigger,
} from '@hookport/providers/jaot-api'
import { startEmulator } from '@hookport/sender'
import { serveApp } from '@hookport/testkit/http/serve-and-post'
import { describe, expect, onTestFinished, test } from 'vitest'

const receiverUrl = 'http://127.0.0.1:9/hook' // nothing listens there

async function jaotWith(options: Parameters<typeof startEmulator>[0] = {}) {
  let now = 0
  const clock = { now: () => now, sleep: async () => {} }
  const emulator = await startEmulator({ clock, apiKeys: ['ok_live_1'], ...options })
  onTestFinished(() => emulator.close())
  const at = { apiKey: 'ok_live_1', baseUrl: emulator.url }
  const model = { documentId: 'doc_1', versionId: 'ver_1' }
  const create = () => createTrigger({ ...at, ...model, name: 'Nightly', webhookUrl: receiverUrl })
  return {
    emulator,
    at,
    create,
    /** Fires so that no limit is met. */
    fire(trigger: { id: string; triggerSecret: string }, overrideData?: object) {
      now += 60_000
      return fireTrigger({ baseUrl: emulator.url, ...trigger, overrideData })
    },
  }
}

describe('triggers', () => {
  test('one is created, fired by its own secret, and reports its run', async () => {
    const { emulator, create, fire } = await jaotWith()
    const trigger = await create()
    expect(trigger.id).toMatch(/^trg_/)
    const { runId, status } = await fire(trigger)
    expect(status).toBe('pending')
    const [delivery] = emulator.deliveries()
    expect(delivery).toMatchObject({ registrationId: trigger.id, type: 'trigger.execution.completed' })
    expect(JSON.parse(Buffer.from(delivery?.request.body ?? []).toString())).toMatchObject({
      data: { run_id: runId, trigger_id: trigger.id, trigger_name: 'Nightly' },
    })
  })

  test('the secret of a trigger stands beside its id, and not in the answer, which may be logged', async () => {
    const { create } = await jaotWith()
    const { triggerSecret, answer } = await create()
    expect(JSON.stringify(answer)).not.toContain(triggerSecret)
  })

  test('the API key does not fire', async () => {
    const { at, create } = await jaotWith()
    const { id } = await create()
    await expect(fireTrigger({ ...at, id, triggerSecret: at.apiKey } as never)).rejects.toMatchObject({
      code: 'unauthorized',
      status: 401,
    })
  })

  test('documented form: the run and the override data are in the envelope of the documentation', async () => {
    const { emulator, create, fire } = await jaotWith({ jaotForm: 'documented' })
    const trigger = await create()
    const { runId } = await fire(trigger, { a: 1 })
    const [delivery] = emulator.deliveries()
    expect(JSON.parse(Buffer.from(delivery?.request.body ?? []).toString())).toMatchObject({
      event: 'trigger.run.completed',
      run_id: runId,
      trigger_id: trigger.id,
      data: { override_data: { a: 1 } },
    })
  })

  test('they are listed, newest first, looked at, changed and removed', async () => {
    const { at, create } = await jaotWith()
    const first = await create()
    const second = await createTrigger({
      ...at,
      name: 'Other',
      modelProjectId: 'p',
      modelProjectVersionId: 'v',
      webhookUrl: receiverUrl,
    })
    const ids = async (documentId?: string) => (await listTriggers({ ...at, documentId })).map(({ id }) => id)
    expect(await ids()).toEqual([second.id, first.id])
    expect(await ids('doc_1')).toEqual([first.id])
    await updateTrigger({ ...at, id: first.id, name: 'Daily', webhookUrl: `${receiverUrl}/moved` })
    const { answer } = await getTrigger({ ...at, id: first.id })
    expect(answer).toMatchObject({ name: 'Daily', webhook_url: `${receiverUrl}/moved` })
    await deleteTrigger({ ...at, id: first.id })
    await expect(getTrigger({ ...at, id: first.id })).rejects.toMatchObject({
      code: 'not_found',
      status: 404,
    })
  })

  test('toggle stops deliveries and brings them back', async () => {
    const { at, emulator, create, fire } = await jaotWith()
    const trigger = await create()
    await toggleTrigger({ ...at, id: trigger.id, enabled: false })
    await expect(fire(trigger)).rejects.toMatchObject({ code: 'invalid', status: 409 })
    expect(emulator.deliveries()).toEqual([])
    await toggleTrigger({ ...at, id: trigger.id, enabled: true })
    await fire(trigger)
    expect(emulator.deliveries()).toHaveLength(1)
  })

  test('data that does not fit is invalid, and the error has the run that was recorded', async () => {
    const { at, fire } = await jaotWith()
    const trigger = await createTrigger({
      ...at,
      name: 'Strict',
      documentId: 'doc_1',
      versionId: 'ver_1',
      webhookUrl: receiverUrl,
      overrideSchema: { required: ['demand'] },
    })
    const error = await fire(trigger, {}).catch((reason) => reason)
    expect(error).toMatchObject({ code: 'invalid', status: 422 })
    const { detail } = error.answer as { detail: { run_id: string } }
    expect(await getRun({ ...at, triggerId: trigger.id, runId: detail.run_id })).toMatchObject({
      status: 'validation_failed',
    })
  })

  test('what cannot work is an error before anything is sent', async () => {
    const at = { apiKey: 'k', baseUrl: 'http://127.0.0.1:9' }
    const model = { documentId: 'd', versionId: 'v' }
    const good = { ...at, ...model, name: 'n', webhookUrl: receiverUrl }
    const misconfigured = { code: 'invalid_option' }
    for (const change of [
      { apiKey: undefined },
      { webhookUrl: null },
      { webhookUrl: undefined },
      { webhookSecret: '' },
      { versionId: undefined },
      { modelProjectId: 'p' },
      { documentId: undefined, versionId: undefined },
    ]) {
      await expect(createTrigger({ ...good, ...change } as never)).rejects.toMatchObject(misconfigured)
    }
    await expect(updateTrigger({ ...at, id: 't', webhookUrl: null } as never)).rejects.toMatchObject(
      misconfigured,
    )
    await expect(fireTrigger({ ...at, id: 't', triggerSecret: undefined })).rejects.toMatchObject(
      misconfigured,
    )
  })

  test.each(['', '/', '/api/v2', '/api/v2/'])('the base URL may end in %j', async (end) => {
    const { at, create } = await jaotWith()
    const { id } = await create()
    expect((await getTrigger({ ...at, baseUrl: at.baseUrl + end, id })).id).toBe(id)
  })
})

describe('runs', () => {
  test('a page of them, one of them, and one fired again', async () => {
    const { at, create, fire } = await jaotWith()
    const trigger = await create()
    const first = await fire(trigger, { a: 1 })
    const second = await fire(trigger)
    const triggerId = trigger.id
    expect(await listRuns({ ...at, triggerId, page: 2, pageSize: 1 })).toMatchObject({
      items: [{ id: first.runId }],
      total: 2,
      page: 2,
      pageSize: 1,
    })
    expect((await listRuns({ ...at, triggerId })).items.map(({ id }) => id)).toEqual([
      second.runId,
      first.runId,
    ])
    const again = await rerun({ ...at, triggerId, runId: first.runId })
    expect(await getRun({ ...at, triggerId, runId: again.runId })).toMatchObject({
      override_data: { a: 1 },
      result_data: expect.any(Object),
    })
  })

  test('all of them are found, each once, while new ones shift the pages', async () => {
    const { at, create, fire } = await jaotWith()
    const trigger = await create()
    const before: string[] = []
    for (let count = 0; count < 9; count++) before.unshift((await fire(trigger)).runId)
    const found: string[] = []
    for await (const { id } of allRuns({ ...at, triggerId: trigger.id, pageSize: 3 })) {
      found.push(id)
      if (found.length < 9) await fire(trigger)
    }
    expect(found.filter((id) => before.includes(id))).toEqual(before)
    expect(new Set(found).size).toBe(found.length)
  })

  test('a trigger without runs has none', async () => {
    const { at, create } = await jaotWith()
    const { id: triggerId } = await create()
    for await (const run of allRuns({ ...at, triggerId })) expect(run).toBe('none')
    expect((await listRuns({ ...at, triggerId })).total).toBe(0)
  })

  test.each([
    ['{}', 'items'],
    ['{"items":[{"id":7,"status":"completed"}],"total":1,"page":1,"page_size":20}', 'id'],
    ['{"items":[],"total":1,"page":1,"page_size":0}', 'page_size'],
    ['[]', 'object'],
  ])('an answer that is no page of runs is unexpected, and says why: %s', async (body, reason) => {
    const baseUrl = await serveApp((_request, response) => response.end(body))
    await expect(listRuns({ apiKey: 'k', baseUrl, triggerId: 't' })).rejects.toMatchObject({
      code: 'unexpected',
      message: expect.stringContaining(reason),
    })
  })
})
