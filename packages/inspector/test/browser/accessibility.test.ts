import { eventStates, type HandlerRun, memoryInbox } from '@hookport/core'
import { eventRecords } from '@hookport/testkit/inbox/event-records'
import { recordedLogger } from '@hookport/testkit/logs'
import axe from 'axe-core'
import type { Page } from 'playwright-core'
import { describe, expect, test, vi } from 'vitest'
import { browserTestMs, browsing } from '../support/browsing.ts'
import { busyInbox } from '../support/busy-inbox.ts'
import { putDead } from '../support/kept-inbox.ts'

const { serve, open } = browsing()
vi.setConfig({ testTimeout: browserTestMs })

interface Violation {
  readonly id: string
  readonly nodes: readonly { readonly html: string; readonly failureSummary: string }[]
}

/** What the rules of axe find, those of good practice included. */
async function violations(page: Page): Promise<string[]> {
  await page.evaluate(axe.source)
  const { violations: found } = (await page.evaluate(
    `axe.run(document, { resultTypes: ['violations'] })`,
  )) as {
    violations: readonly Violation[]
  }
  return found.map(
    ({ id, nodes }) => `${id}: ${nodes.map((node) => `${node.html} ${node.failureSummary}`).join('; ')}`,
  )
}

function overhang(page: Page): Promise<unknown> {
  return page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth')
}

/** The page's own policy lets nothing of ours be added to it: the checker goes around it. */
const checked = { bypassCSP: true }

const looks = [
  ['dark, on a phone', { colorScheme: 'dark', viewport: { width: 360, height: 740 } }],
  ['light', { colorScheme: 'light' }],
  ['dark', { colorScheme: 'dark' }],
] as const

describe.each(process.env.TEST_ALL ? looks : looks.slice(0, 1))('%s', (_, look) => {
  test('the list, an event, and a question have nothing that axe finds', async () => {
    const { page } = await open(await serve(await busyInbox()), { ...checked, ...look })
    await page.locator('table.events').waitFor()
    await page.locator('.chart svg').waitFor()
    expect(await violations(page)).toEqual([])
    await page.locator('nav.states button', { hasText: 'dead' }).click()
    await page.getByRole('button', { name: 'Redrive all' }).click()
    await page.locator('dialog[open] button.primary:enabled').waitFor()
    expect(await violations(page)).toEqual([])
    await page.keyboard.press('Escape')
    await page.locator('td.what a').first().click()
    await page.locator('.payload').waitFor()
    expect(await violations(page)).toEqual([])
  })

  test('nothing is wider than the window', async () => {
    const { page } = await open(await serve(await busyInbox()), look)
    await page.locator('table.events').waitFor()
    expect(await overhang(page)).toBe(0)
    await page.locator('td.what a').first().click()
    await page.locator('.payload').waitFor()
    expect(await overhang(page)).toBe(0)
  })
})

test('long names of senders and of an application, without a blank, make nothing wider than the window', async () => {
  const long = 'x'.repeat(200)
  const inbox = memoryInbox()
  await putDead(
    inbox,
    {
      ...{ id: long, type: long, tenant: long, aliases: [long, long], orderKey: long },
      request: { url: `/${long}`, headers: { [long]: long } },
      rawBody: Buffer.from([0xff, ...Buffer.from(long)]),
    },
    { handler: `onEvent(${long})`, code: long, message: long },
  )
  const receiver = {
    ...{ provider: 'acme', source: 'acme', inbox, eventTypes: [], redrive: async () => false },
    ...{ logger: recordedLogger().logger, pause: async () => {}, resume: async () => {} },
    paused: async () => [{ source: 'acme', handler: long, reason: long, since: 0 }],
  }
  for (const width of [320, 1280]) {
    const { page } = await open(await serve(receiver), { viewport: { width, height: 900 } })
    await page.locator('table.events').waitFor()
    await page.getByText('Resume').waitFor()
    expect(await overhang(page)).toBe(0)
    await page.getByRole('button', { name: 'Resume' }).click()
    await page.getByText('is resumed').waitFor()
    expect(await overhang(page)).toBe(0)
    await page.locator('td.what a').first().click()
    await page.locator('.payload').waitFor()
    expect(await overhang(page)).toBe(0)
    const bytes = await page.locator('.payload pre').boundingBox()
    expect(bytes?.height).toBeLessThan(20 * 13 + 30) // 13 rows of 16 bytes, each on a line
  }
})

test('one event that failed is seen among thousands, and a minute says what is in it', async () => {
  const inbox = memoryInbox()
  const receivedAt = Date.now() - 120_000
  for (const event of eventRecords(3_000)) await inbox.put({ ...event, receivedAt }, { rememberMs: 60_000 })
  await putDead(inbox, { id: 'evt_dead', receivedAt })
  const { page } = await open(await serve(inbox), { timezoneId: 'Asia/Tokyo' })
  const bar = await page.locator('.chart rect.dead').boundingBox()
  expect(bar?.height).toBeGreaterThanOrEqual(1.9)
  expect(await page.locator('.chart title').textContent()).toMatch(
    /^\d\d:\d\d GMT\+9: 1 dead, 3,000 pending$/,
  )
  const [chart, most] = [
    await page.locator('.chart svg').boundingBox(),
    await page.locator('rect.pending').boundingBox(),
  ]
  expect(most?.y).toBeGreaterThanOrEqual(chart?.y ?? 0)
})

test('with the colours of the system, the chosen state, the legend and the light of the updates are seen', async () => {
  const { page } = await open(await serve(await busyInbox()), { forcedColors: 'active' })
  await page.locator('.key').first().waitFor()
  const style = (of: string, part: string, name: string) =>
    page.evaluate(`getComputedStyle(document.querySelector('${of}'), '${part}').${name}`)
  const border = (isChosen: boolean) => style(`nav.states [aria-pressed=${isChosen}]`, '', 'borderTopWidth')
  expect([await border(true), await border(false)]).toEqual(['3px', '1px'])
  const back = await style('body', '', 'backgroundColor')
  for (const of of ['.key.dead', '.key.pending', '.live'])
    expect(await style(of, '::before', 'backgroundColor')).not.toBe(back)
})

test('every state and every outcome of an attempt has a badge', async () => {
  const { page } = await open(await serve(memoryInbox()))
  await page.getByText('No events are kept').waitFor()
  const outcomes = ['completed', 'failed', 'waits', 'abandoned', 'skipped'] satisfies HandlerRun['outcome'][]
  for (const name of [...eventStates, ...outcomes]) {
    const border = await page.evaluate(`(() => {
      const badge = Object.assign(document.createElement('span'), { className: 'badge ${name}' })
      document.body.append(badge)
      return getComputedStyle(badge).borderTopWidth
    })()`)
    expect([name, border]).toEqual([name, '1px'])
  }
})

test('an empty inbox and a locked page have nothing that axe finds', async () => {
  const address = await serve(memoryInbox(), {})
  const { page } = await open(address.replace(/\?.*/, ''), checked)
  await page.getByText('The inspector is locked').waitFor()
  expect(await violations(page)).toEqual([])
  await page.goto(address)
  await page.getByText('No events are kept').waitFor()
  expect(await violations(page)).toEqual([])
})

test('who wants less motion or more contrast, or only listens, is told what happens', async () => {
  const inbox = await busyInbox()
  const { page } = await open(await serve(inbox))
  const chart = page.getByRole('img')
  expect(await chart.getAttribute('aria-label')).toMatch(/\d+ dead, .*; at most \d+ in a minute/)
  await page.locator('nav.states button', { hasText: 'dead' }).click()
  expect(await page.locator('nav.states button', { hasText: 'dead' }).getAttribute('aria-pressed')).toBe(
    'true',
  )
  await page.locator('td.what a').first().click()
  await page.getByRole('button', { name: 'Redrive…' }).click()
  await page.locator('dialog[open]').getByRole('button', { name: 'Redrive' }).click()
  await page.getByRole('status').getByText('1 dead letter redriven.').waitFor()
})
