import { createReceiver, memoryInbox, PermanentError } from '@hookport/core'
import { inspector } from '@hookport/inspector'
import { sematryx } from '@hookport/providers/sematryx'
import { recordedLogger } from '@hookport/testkit/logs'
import type { Page } from 'playwright-core'
import { expect, test, vi } from 'vitest'
import { browserTestMs, browsing } from '../support/browsing.ts'
import { keptInbox, putDead, putPending } from '../support/kept-inbox.ts'

const { serve, serveOther, open } = browsing()
vi.setConfig({ testTimeout: browserTestMs })

const rows = (page: Page) => page.locator('table.events tbody tr')
const idsIn = (page: Page) => page.locator('table.events .id').allTextContents()
const state = (page: Page, name: string) => page.locator('nav.states button', { hasText: name })
const dialog = (page: Page) => page.locator('dialog[open]')

async function shows(page: Page, ids: readonly string[]): Promise<void> {
  await expect.poll(() => idsIn(page), { timeout: 10_000 }).toEqual(ids)
}

/** A page takes seconds to do anything where other tests run beside it: these run with TEST_ALL. */
const inFull = test.runIf(process.env.TEST_ALL)

test('the printed address unlocks the page, and the token leaves the address', async () => {
  const { page, complaints } = await open(await serve(await keptInbox(), {}))
  await shows(page, ['evt_waits', 'evt_dead_2', 'evt_dead_1'])
  expect(page.url()).not.toContain('token')
  await page.reload()
  await shows(page, ['evt_waits', 'evt_dead_2', 'evt_dead_1'])
  expect(complaints).toEqual([])
})

test('what failed is found, and why, with its stack and its payload', async () => {
  const inbox = await keptInbox()
  const rawBody = Buffer.from('{"id":12345678901234567890,"price":1.10,"tags":[],"o":{"a":[1,2]}}')
  await putDead(inbox, { id: 'evt_plan', rawBody, orderKey: 'run-7' })
  const { page, complaints } = await open(await serve(inbox))
  await state(page, 'dead').click()
  await shows(page, ['evt_plan', 'evt_dead_2', 'evt_dead_1'])
  expect(await rows(page).first().textContent()).toContain('save-plan the ERP does not take it')
  await page.getByRole('link', { name: 'evt_plan' }).click()
  await page.getByRole('heading', { name: 'evt_plan' }).waitFor()
  expect(await page.locator('.failure pre').first().textContent()).toBe('the ERP does not take it')
  await page.getByText('Stack').click()
  expect(await page.getByText('at save (plan.ts:7:9)').isVisible()).toBe(true)
  expect(await page.locator('.payload').textContent()).toBe(
    '{\n  "id": 12345678901234567890,\n  "price": 1.10,\n  "tags": [],\n  "o": {\n    "a": [\n      1,\n      2\n    ]\n  }\n}',
  )
  await page.getByRole('button', { name: 'exact' }).click()
  expect(await page.locator('.payload').textContent()).toBe(rawBody.toString())
  await page.getByRole('button', { name: 'bytes' }).click()
  expect(await page.locator('.payload').textContent()).toContain('7b 22 69 64 22 3a')
  expect(await page.locator('.facts').first().textContent()).toContain('run-7')
  expect(complaints).toEqual([])
})

test('a form is shown field by field, and of an empty body it is said that it is', async () => {
  const inbox = memoryInbox()
  await putPending(inbox, { id: 'evt_form', rawBody: Buffer.from('From=%2B49&Body=Hi+there') })
  await putPending(inbox, { id: 'evt_empty', rawBody: Buffer.alloc(0) })
  const { page } = await open(await serve(inbox))
  await page.getByRole('link', { name: 'evt_form' }).click()
  await page.locator('.payload').waitFor()
  expect(await page.locator('.payload').textContent()).toBe('From = +49\nBody = Hi there')
  await page.keyboard.press('Escape')
  await page.getByRole('link', { name: 'evt_empty' }).click()
  await page.getByText('It is empty.').waitFor()
})

test('an event is shown with the handlers that have had their effect, and where that is not known', async () => {
  const inbox = await keptInbox()
  const receipts = async ({ key }: { key: string }) => {
    if (key.endsWith('evt_dead_1')) return ['save-plan', '<b>mail</b>']
    if (key.endsWith('evt_dead_2')) return []
    throw new Error('the database is away')
  }
  const { page, complaints } = await open(
    await serve(inbox, { authorize: () => true, receipts: { receipts } }),
  )
  for (const [id, words] of [
    ['evt_dead_1', 'save-plan, <b>mail</b>: took place'],
    ['evt_dead_2', 'none: no effect has taken place'],
    ['evt_waits', 'could not be read: the log of the application says why'],
  ] as const) {
    await page.getByRole('link', { name: id }).click()
    await page.getByRole('heading', { name: id }).waitFor()
    expect(await page.locator('.facts div', { hasText: 'Receipts' }).locator('dd').textContent()).toBe(words)
    await page.keyboard.press('Escape')
  }
  expect(complaints).toEqual([])
})

test('a dead letter is redriven once its handler is mended, and leaves', async () => {
  const inbox = memoryInbox()
  let isMended = false
  const receiver = createReceiver({ provider: sematryx({ allowUnsigned: true }), inbox, logger: false })
  receiver.onAnyEvent(() => {
    if (!isMended) throw new PermanentError('the ERP does not take it')
  })
  await putPending(inbox, { source: 'sematryx', id: 'evt_1', type: 'unknown', rawBody: body('evt_1') })
  const { page } = await open(await serve(receiver))
  await state(page, 'dead').click()
  await page.getByRole('link', { name: 'evt_1' }).click()
  isMended = true
  await page.getByRole('button', { name: 'Redrive…' }).click()
  expect(await dialog(page).getByRole('heading').textContent()).toBe('Redrive 1 dead letter?')
  await dialog(page).getByRole('button', { name: 'Redrive' }).click()
  await page.getByText('1 dead letter redriven.').waitFor()
  await page.getByText('This event is no longer kept: it was handled, or discarded.').waitFor()
  await page.getByRole('link', { name: 'All events' }).click()
  await page.getByText('No dead letters.').waitFor()
  await receiver.stop()
})

test('a handled event is replayed from its own page, and no other', async () => {
  const handled: string[] = []
  const inbox = memoryInbox()
  const provider = sematryx({ allowUnsigned: true })
  const receiver = createReceiver({ provider, inbox, logger: false, keepHandledFor: 3_600_000 })
  receiver.onAnyEvent(({ id }) => void handled.push(id))
  for (const [index, id] of ['evt_1', 'evt_2', 'evt_3'].entries()) {
    const receivedAt = Date.now() - 5_000 + index
    await putPending(inbox, { source: 'sematryx', id, type: 'unknown', rawBody: body(id), receivedAt })
  }
  await expect.poll(async () => (await inbox.counts()).handled).toBe(3)
  const { page } = await open(await serve(receiver))
  await page.getByRole('link', { name: 'evt_2' }).click()
  await page.getByRole('button', { name: 'Replay…' }).click()
  await dialog(page).getByText('Replay 1 handled event?').waitFor()
  await dialog(page).getByRole('button', { name: 'Replay' }).click()
  await page.getByText('1 handled event replayed.').waitFor()
  await expect.poll(() => handled).toEqual(['evt_1', 'evt_2', 'evt_3', 'evt_2'])
  await receiver.stop()
})

function body(id: string): Buffer {
  return Buffer.from(JSON.stringify({ id, type: 'unknown', created_at: new Date().toISOString(), data: {} }))
}

inFull('all that match are redriven: the question says how many, and the others stay', async () => {
  const inbox = memoryInbox()
  for (let index = 0; index < 250; index++)
    await putDead(inbox, { id: `evt_${index}`, type: index < 230 ? 'order.paid' : 'order.cancelled' })
  const { page } = await open(await serve(inbox))
  await state(page, 'dead').click()
  await page.getByLabel('Type').fill('order.paid')
  await expect.poll(() => page.url()).toContain('type=order.paid')
  await page.getByRole('button', { name: 'Redrive all that match…' }).click()
  await dialog(page).getByText('Redrive 230 dead letters?').waitFor()
  expect(await inbox.counts()).toMatchObject({ dead: 250 })
  await dialog(page).getByRole('button', { name: 'Redrive' }).click()
  await page.getByText('230 dead letters redriven.').waitFor()
  expect(await inbox.counts()).toMatchObject({ dead: 20, pending: 230 })
})

test('nothing is discarded before it is confirmed', async () => {
  const inbox = await keptInbox()
  const { page } = await open(await serve(inbox))
  await state(page, 'dead').click()
  await shows(page, ['evt_dead_2', 'evt_dead_1'])
  const button = page.getByRole('button', { name: 'Discard all 2…' })
  await button.click()
  await dialog(page).getByText('Discard 2 dead letters?').waitFor()
  await dialog(page).getByRole('button', { name: 'Cancel' }).click()
  await expect.poll(() => dialog(page).count()).toBe(0)
  await button.click()
  await dialog(page).getByText('Discard 2 dead letters?').waitFor()
  await page.keyboard.press('Escape')
  await expect.poll(() => dialog(page).count()).toBe(0)
  expect(await inbox.counts()).toMatchObject({ dead: 2 })
  await button.click()
  await dialog(page).getByRole('button', { name: 'Discard' }).click()
  await page.getByText('2 dead letters discarded.').waitFor()
  expect(await inbox.counts()).toMatchObject({ dead: 0, pending: 1 })
})

test('of an inbox that does not answer nothing is shown that is of another', async () => {
  const away = Object.assign(memoryInbox(), { list: () => new Promise<never>(() => {}) })
  const { page } = await open(await serve([await keptInbox(), away]))
  await shows(page, ['evt_waits', 'evt_dead_2', 'evt_dead_1'])
  await page.getByLabel('Inbox').selectOption('memory 2')
  await page.getByText('Loading…').waitFor()
  expect(await idsIn(page)).toEqual([])
})

test('what another person has redriven while the question stood is not discarded', async () => {
  const inbox = await keptInbox()
  const { page } = await open(await serve(inbox))
  await state(page, 'dead').click()
  await page.getByRole('button', { name: 'Discard all 2…' }).click()
  await dialog(page).getByText('Discard 2 dead letters?').waitFor()
  await inbox.redrive('acme:evt_dead_1')
  await dialog(page).getByRole('button', { name: 'Discard' }).click()
  await page.getByText('1 dead letter discarded; 1 had changed meanwhile.').waitFor()
  await page.goto(`${page.url().split('#')[0]}#event=${encodeURIComponent('acme:evt_waits')}`)
  await page.getByRole('button', { name: 'Discard…' }).click()
  await dialog(page).getByRole('button', { name: 'Discard' }).click()
  await page.getByText('1 event discarded.').waitFor()
  expect(await inbox.counts()).toMatchObject({ dead: 0, pending: 1 })
})

test('an event that is gone while it is looked at is no longer called dead, nor offered for a redrive', async () => {
  const inbox = await keptInbox()
  const { page } = await open(`${await serve(inbox)}#event=acme:evt_dead_1`)
  await page.getByRole('button', { name: 'Redrive…' }).waitFor()
  await inbox.discard('acme:evt_dead_1')
  await page.getByText('This event is no longer kept').waitFor()
  expect(await page.locator('h1').textContent()).not.toContain('dead order')
  expect(await page.getByRole('button', { name: /Redrive|Discard/ }).count()).toBe(0)
  expect(await page.locator('.failure').count()).toBe(1)
})

inFull('what happens is seen without loading the page again', async () => {
  const inbox = await keptInbox()
  const { page } = await open(await serve(inbox))
  await shows(page, ['evt_waits', 'evt_dead_2', 'evt_dead_1'])
  await putDead(inbox, { id: 'evt_new' })
  await shows(page, ['evt_new', 'evt_waits', 'evt_dead_2', 'evt_dead_1'])
  expect(await state(page, 'dead').textContent()).toContain('3')
  await expect.poll(() => page.title()).toBe('(3) hookport inspector')
})

inFull('pages go back in time, and forward again', async () => {
  const inbox = memoryInbox()
  for (let index = 0; index < 120; index++) await putPending(inbox, { id: `evt_${index}` })
  const { page } = await open(await serve(inbox))
  const firstIs = (id: string) => expect.poll(async () => (await idsIn(page))[0]).toBe(id)
  await firstIs('evt_119')
  await page.getByRole('button', { name: 'Older' }).click()
  await firstIs('evt_69')
  await page.getByRole('button', { name: 'Older' }).click()
  await firstIs('evt_19')
  expect(await page.getByRole('button', { name: 'Older' }).isDisabled()).toBe(true)
  await page.getByRole('button', { name: 'Newer' }).click()
  await firstIs('evt_69')
})

test('who comes back from an event is on the page and the row that they left, and a click too many turns no page', async () => {
  const inbox = memoryInbox()
  for (let index = 0; index < 120; index++) await putPending(inbox, { id: `evt_${index}` })
  const list = inbox.list.bind(inbox)
  inbox.list = async (filter) => {
    await new Promise((resolve) => setTimeout(resolve, 100)) // slower than two clicks
    return list(filter)
  }
  const { page } = await open(await serve(inbox))
  const firstIs = (id: string) => expect.poll(async () => (await idsIn(page))[0]).toBe(id)
  const focused = () => page.evaluate('document.activeElement.textContent')
  await firstIs('evt_119')
  await page.getByRole('button', { name: 'Older' }).dblclick()
  await firstIs('evt_69')
  for (const leave of [() => page.keyboard.press('Escape'), () => page.goBack()]) {
    await page.getByRole('link', { name: 'evt_65' }).click()
    await page.getByRole('heading', { name: 'evt_65' }).waitFor()
    await leave()
    await firstIs('evt_69')
    await expect.poll(focused).toContain('evt_65')
  }
  await page.getByRole('button', { name: 'Newer' }).click()
  await firstIs('evt_119')
  await page.getByRole('button', { name: 'Older' }).click()
  await firstIs('evt_69')
  await state(page, 'pending').click()
  await firstIs('evt_119')
})

inFull('what is looked at stands in the address: it can be loaded again, and Back leads back', async () => {
  const inbox = await keptInbox()
  const { page } = await open(await serve(inbox))
  await page.getByLabel('Text in id').fill('dead_2')
  await shows(page, ['evt_dead_2'])
  await page.reload()
  await shows(page, ['evt_dead_2'])
  expect(await page.getByLabel('Text in id').inputValue()).toBe('dead_2')
  await page.getByRole('link', { name: 'evt_dead_2' }).click()
  await page.getByRole('heading', { name: 'evt_dead_2' }).waitFor()
  await page.goBack()
  await shows(page, ['evt_dead_2'])
  await page.getByRole('button', { name: 'Clear filters' }).click()
  await shows(page, ['evt_waits', 'evt_dead_2', 'evt_dead_1'])
})

inFull('keys alone lead to an event and back', async () => {
  const { page } = await open(await serve(await keptInbox()))
  await shows(page, ['evt_waits', 'evt_dead_2', 'evt_dead_1'])
  const focused = async () =>
    String(
      await page.evaluate(
        `document.activeElement.matches('a, button, h1') && document.activeElement.textContent`,
      ),
    )
  for (let presses = 0; presses < 40 && !(await focused()).includes('evt_waits'); presses++)
    await page.keyboard.press('Tab')
  await page.keyboard.press('ArrowDown')
  expect(await focused()).toContain('evt_dead_2')
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { name: 'evt_dead_2' }).waitFor()
  await expect.poll(focused).toContain('evt_dead_2')
  await page.keyboard.press('Tab')
  expect(await focused()).toBe('Redrive…')
  await page.keyboard.press('Escape')
  await shows(page, ['evt_waits', 'evt_dead_2', 'evt_dead_1'])
})

test('an inbox that fails is said to, and does not hide what another one has', async () => {
  const failing = Object.assign(Object.create(memoryInbox()), {
    store: 'failing',
    counts: () => Promise.reject(new Error('the store is away')),
  })
  const { page } = await open(await serve([failing, await keptInbox()]))
  await page.getByText('the inbox does not answer').waitFor()
  await page.locator('label.store select').selectOption('1')
  await page.getByText('live', { exact: true }).waitFor()
  await expect.poll(() => state(page, 'dead').textContent()).toBe('dead 2')
})

test('an inbox that is slow and busy is seen: a list that is on its way is not given up for the next one', async () => {
  const inbox = await keptInbox()
  const [counts, list] = [inbox.counts.bind(inbox), inbox.list.bind(inbox)]
  let handled = 0
  inbox.counts = async (filter) => {
    handled += 1
    return { ...(await counts(filter)), handled }
  }
  inbox.list = async (filter) => {
    // The oldest event that waits is found at once, as by an index.
    if (filter?.limit !== 1) await new Promise((resolve) => setTimeout(resolve, 700))
    return list(filter)
  }
  const { page } = await open(await serve(inbox))
  await shows(page, ['evt_waits', 'evt_dead_2', 'evt_dead_1'])
  await putDead(inbox, { id: 'evt_new' })
  await shows(page, ['evt_new', 'evt_waits', 'evt_dead_2', 'evt_dead_1'])
})

test('who may only look finds no buttons that change anything', async () => {
  const { page } = await open(await serve(await keptInbox(), { authorize: () => ({ mayChange: false }) }))
  await page.getByText('read only').waitFor()
  await state(page, 'dead').click()
  await shows(page, ['evt_dead_2', 'evt_dead_1'])
  expect(await page.getByRole('button', { name: /Redrive|Discard|Pause|Replay/ }).count()).toBe(0)
  await page.getByRole('link', { name: 'evt_dead_1' }).click()
  await page.getByRole('heading', { name: 'evt_dead_1' }).waitFor()
  expect(await page.getByRole('button', { name: /Redrive|Discard/ }).count()).toBe(0)
})

inFull(
  'pause and resume are there where a receiver can do them, with the reason, and nowhere else',
  async () => {
    const inbox = await keptInbox()
    const receiver = createReceiver({
      provider: sematryx({ allowUnsigned: true }),
      inbox,
      consume: false,
      logger: false,
    })
    const { receive, redrive, logger, eventTypes } = receiver
    const unable = { provider: 'sematryx', source: 'sematryx', inbox, receive, redrive, logger, eventTypes }
    const without = await open(await serve(unable))
    await shows(without.page, ['evt_waits', 'evt_dead_2', 'evt_dead_1'])
    expect(await without.page.getByRole('button', { name: /Pause|Resume/ }).count()).toBe(0)

    let pauses: { reason: string; since: number }[] = []
    let isAway = true
    const able = {
      ...unable,
      async pause({ reason }: { reason?: string }) {
        pauses = [{ reason: reason ?? '', since: Date.now() }]
      },
      async resume() {
        if (isAway) throw new Error('the store is away')
        pauses = []
      },
      paused: async () => pauses,
    }
    const { page } = await open(await serve(able, { authorize: () => ({ name: 'ada' }) }))
    await page.getByRole('button', { name: 'Pause sematryx' }).click()
    await page.getByText('sematryx is paused: accepted events wait.').waitFor()
    await page.getByText('paused in the inspector by ada').waitFor()
    expect(await page.getByRole('button', { name: 'Pause sematryx' }).count()).toBe(0)
    await page.getByRole('button', { name: 'Resume sematryx' }).click()
    await page.getByRole('alert').waitFor()
    isAway = false
    await page.getByRole('button', { name: 'Resume sematryx' }).click()
    await page.getByRole('button', { name: 'Pause sematryx' }).waitFor()
    expect(pauses).toEqual([])
    expect(await page.getByRole('alert').count()).toBe(0)
    await receiver.stop()
  },
)

test('a replay is of the time that was shown when it was asked for, and is counted once', async () => {
  const asked: unknown[] = []
  const inbox = await keptInbox()
  const counts = inbox.counts
  inbox.counts = async (filter) => ({ ...(await counts.call(inbox, filter)), handled: 3 })
  const able = {
    ...{ provider: 'sematryx', source: 'sematryx', inbox },
    ...{ logger: recordedLogger().logger, eventTypes: [], redrive: async () => false },
    async replay(request: object) {
      asked.push(request)
      return { replayed: 3, isComplete: true }
    },
  }
  const { page } = await open('about:blank')
  await page.clock.install()
  await page.goto(`${await serve(able)}#state=handled&since=1h`)
  await page.getByRole('button', { name: 'Replay…' }).click()
  await dialog(page).getByText('Replay 3 handled events?').waitFor()
  await page.clock.runFor(60_000)
  await dialog(page).getByRole('button', { name: 'Replay' }).click()
  await page.getByText('3 handled events replayed.').waitFor()
  expect(asked).toHaveLength(2)
  const [counted, run] = asked as { from: number }[]
  expect(run?.from).toBe(counted?.from)
})

inFull('a replay counts first, and takes as many and no more, in steps under one name', async () => {
  const inbox = await keptInbox()
  const counts = inbox.counts
  inbox.counts = async (filter) => ({ ...(await counts.call(inbox, filter)), handled: 450 })
  const asked: Record<string, unknown>[] = []
  let left = 450
  const able = {
    ...{
      provider: 'acme',
      source: 'acme',
      inbox,
      logger: recordedLogger().logger,
      eventTypes: [],
      redrive: async () => false,
    },
    async replay(request: Readonly<Record<string, unknown>>) {
      asked.push(request)
      if (request.dryRun) return { replayed: left, isComplete: true }
      const replayed = Math.min(left, Number(request.limit))
      left += 100 - replayed // others are handled meanwhile
      return { replayed, isComplete: left === 0 }
    },
  }
  const { page } = await open(await serve(able))
  await state(page, 'handled').click()
  await page.getByRole('button', { name: 'Replay…' }).click()
  await dialog(page).getByText('Replay 450 handled events?').waitFor()
  expect(asked).toEqual([{ again: false, dryRun: true }])
  await dialog(page).getByRole('button', { name: 'Replay' }).click()
  await page.getByText('450 handled events replayed.').waitFor()
  const [, ...steps] = asked
  expect(steps.map(({ limit }) => limit)).toEqual([200, 200, 50])
  expect(new Set(steps.map(({ id }) => id)).size).toBe(1)
})

inFull(
  'a replay that failed goes on under its name when it is tried again, and replays nothing twice',
  async () => {
    const inbox = await keptInbox()
    const counts = inbox.counts
    inbox.counts = async (filter) => ({ ...(await counts.call(inbox, filter)), handled: 300 })
    const steps: Record<string, unknown>[] = []
    const able = {
      ...{ provider: 'sematryx', source: 'sematryx', inbox },
      ...{ logger: recordedLogger().logger, eventTypes: [], redrive: async () => false },
      async replay(request: Readonly<Record<string, unknown>>) {
        if (request.dryRun) return { replayed: steps.length === 0 ? 300 : 100, isComplete: true }
        if (steps.push(request) === 2) throw new Error('the store is away')
        return { replayed: Number(request.limit), isComplete: false }
      },
    }
    const { page } = await open(await serve(able))
    await state(page, 'handled').click()
    await page.getByRole('button', { name: 'Replay…' }).click()
    await dialog(page).getByText('Replay 300 handled events?').waitFor()
    await dialog(page).getByRole('button', { name: 'Replay' }).click()
    await dialog(page).getByText('At least 200 replayed before that.').waitFor()
    await dialog(page).getByRole('checkbox').check()
    await dialog(page).getByRole('checkbox').uncheck()
    await dialog(page).getByText('Replay 100 handled events?').waitFor()
    await dialog(page).getByRole('button', { name: 'Replay' }).click()
    await page.getByText('300 handled events replayed.').waitFor()
    expect(steps.map(({ limit }) => limit)).toEqual([200, 100, 100])
    expect(new Set(steps.map(({ id }) => id)).size).toBe(1)
  },
)

inFull('a page that another of ours has outdated goes on: its token is fetched anew', async () => {
  const inbox = await keptInbox()
  const { page } = await open(await serve(inbox))
  await state(page, 'dead').click()
  await page.getByRole('button', { name: 'Redrive all 2…' }).click()
  await page.context().clearCookies()
  await dialog(page).getByRole('button', { name: 'Redrive' }).click()
  await page.getByText('2 dead letters redriven.').waitFor()
})

inFull('an inbox that does not answer is said to be so, and seen again once it does', async () => {
  const inbox = await keptInbox()
  const counts = inbox.counts
  const { page } = await open(await serve(inbox))
  await page.getByText('live', { exact: true }).waitFor()
  inbox.counts = () => Promise.reject(new Error('gone'))
  await page.getByText('the inbox does not answer').waitFor()
  inbox.counts = counts
  await page.getByText('live', { exact: true }).waitFor()
})

inFull('a page under a proxy that takes off the beginning of its path finds everything', async () => {
  const inspected = inspector(await keptInbox(), { authorize: () => true })
  const origin = await serveOther((request, response) => {
    request.url = request.url?.replace('/admin', '') ?? '/'
    void inspected(request, response)
  })
  const { page, complaints } = await open(`${origin}/admin/hookport`)
  await shows(page, ['evt_waits', 'evt_dead_2', 'evt_dead_1'])
  expect(complaints).toEqual([])
  inspected.close()
})
