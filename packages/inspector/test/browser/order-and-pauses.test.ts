import { createReceiver, memoryInbox } from '@hookport/core'
import { sematryx } from '@hookport/providers/sematryx'
import { expect, test, vi } from 'vitest'
import { browserTestMs, browsing } from '../support/browsing.ts'
import { failAll, putPending } from '../support/kept-inbox.ts'

const { serve, open } = browsing()
vi.setConfig({ testTimeout: browserTestMs })

const source = 'sematryx'
const order = { source, orderKey: 'sematryx:run-7' }

test('an event that waits its turn leads to the one that holds its order key', async () => {
  const inbox = memoryInbox()
  await putPending(inbox, { ...order, id: 'evt_first' })
  await failAll(inbox, source)
  await putPending(inbox, { ...order, id: 'evt_second', type: 'order.paid' })
  await putPending(inbox, { ...order, id: 'evt_third' })
  const { page, complaints } = await open(await serve(inbox))
  await page.getByRole('link', { name: 'evt_third' }).click()
  await page.getByRole('heading', { name: 'Waits its turn' }).waitFor()
  const ahead = page.locator('.ahead li')
  expect(await ahead.count()).toBe(2)
  expect(await ahead.first().textContent()).toMatch(/^scheduled evt_first .*, next attempt in/)
  expect(await ahead.last().textContent()).toBe('pending evt_second order.paid')
  await page.getByRole('link', { name: 'evt_first' }).click()
  await page.getByRole('heading', { name: 'evt_first' }).waitFor()
  expect(await page.getByRole('heading', { name: 'Waits its turn' }).count()).toBe(0)
  await page.goBack()
  await page.getByRole('heading', { name: 'evt_third' }).waitFor()
  expect(complaints).toEqual([])
})

test('a handler that fails is paused where its event is looked at, by name, and resumed', async () => {
  const inbox = memoryInbox()
  const receiver = createReceiver({ provider: sematryx({ allowUnsigned: true }), inbox, logger: false })
  receiver.onAnyEvent(
    () => {
      throw new Error('the ERP is away')
    },
    { name: 'save-plan' },
  )
  receiver.onAnyEvent(() => {}, { name: 'audit' })
  await putPending(inbox, { source, id: 'evt_1' })
  await receiver.idle()
  const { page, complaints } = await open(await serve(receiver))
  await page.getByRole('link', { name: 'evt_1' }).click()
  await page.getByRole('button', { name: 'Pause save-plan' }).click()
  await page.getByRole('button', { name: 'Resume save-plan' }).waitFor()
  expect(await page.getByRole('button', { name: 'Pause audit' }).count()).toBe(1)
  expect((await receiver.paused()).map(({ handler }) => handler)).toEqual(['onAnyEvent:save-plan'])
  await page.getByRole('button', { name: 'Resume save-plan' }).click()
  await page.getByRole('button', { name: 'Pause save-plan' }).waitFor()
  expect(await receiver.paused()).toEqual([])

  await receiver.pause({ handler: 'save-plan', reason: 'the ERP is away' })
  await page.reload()
  await page.getByRole('button', { name: 'Resume save-plan' }).click()
  await page.getByRole('button', { name: 'Pause save-plan' }).waitFor()
  expect(await receiver.paused()).toEqual([])

  const reader = await open(await serve(receiver, { authorize: () => ({ mayChange: false }) }))
  await reader.page.getByRole('link', { name: 'evt_1' }).click()
  await reader.page.getByRole('heading', { name: 'Attempts' }).waitFor()
  expect(await reader.page.getByRole('button', { name: /save-plan/ }).count()).toBe(0)
  expect(complaints).toEqual([])
  await receiver.stop()
})
