import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { expect, test, vi } from 'vitest'
import { browserTestMs, browsing } from '../support/browsing.ts'
import { busyInbox } from '../support/busy-inbox.ts'

const { serve, open } = browsing()
vi.setConfig({ testTimeout: browserTestMs })

const folder = join(import.meta.dirname, '../../../../docs/guides/inspector')
const guide = join(folder, '../inspector.md')
const png = Buffer.from([0x89, 0x50, 0x4e, 0x47])

/** Of the guide. They are written where HOOKPORT_SCREENSHOTS asks for it, and looked at by who asked. */
const pictures: Readonly<Record<string, { look?: object; arrange: (page: Page) => Promise<unknown> }>> = {
  list: { arrange: (page) => page.locator('nav.states button', { hasText: 'dead' }).click() },
  'list-dark': { look: { colorScheme: 'dark' }, arrange: async () => {} },
  event: { arrange: openDead },
  redrive: {
    async arrange(page) {
      await page.locator('nav.states button', { hasText: 'dead' }).click()
      await page.getByRole('button', { name: 'Redrive all' }).click()
      await page.locator('dialog[open] button.primary:enabled').waitFor()
    },
  },
  phone: { look: { viewport: { width: 390, height: 844 } }, arrange: async () => {} },
  'phone-event': { look: { viewport: { width: 390, height: 844 } }, arrange: openDead },
}

async function openDead(page: Page): Promise<void> {
  await page.locator('nav.states button', { hasText: 'dead' }).click()
  await page.locator('td.what a').first().click()
  await page.getByText('Stack').click()
  await page.locator('.payload').waitFor()
}

const isAsked = process.env.TEST_ALL !== undefined || process.env.HOOKPORT_SCREENSHOTS !== undefined

test.runIf(isAsked).each(Object.entries(pictures))(
  'the picture %s of the guide is one of the page as it is',
  async (name, picture) => {
    const { look = {}, arrange } = picture
    const { page, complaints } = await open(await serve(await busyInbox()), { colorScheme: 'light', ...look })
    await page.locator('table.events').waitFor()
    await page.locator('.chart svg').waitFor()
    await page.getByText('live', { exact: true }).waitFor()
    await arrange(page)
    await page.waitForTimeout(300)
    const picked = await page.screenshot({ animations: 'disabled', caret: 'hide' })
    expect(picked.subarray(0, 4)).toEqual(png)
    expect(picked.length).toBeGreaterThan(20_000)
    expect(complaints).toEqual([])
    if (process.env.HOOKPORT_SCREENSHOTS === undefined) return
    await mkdir(folder, { recursive: true })
    await writeFile(join(folder, `${name}.png`), picked)
  },
)

test('each picture that the guide shows is there, and each that is there is shown', async () => {
  const text = await readFile(guide, 'utf8')
  const shown = [...text.matchAll(/\(inspector\/([\w-]+)\.png\)/g)].map(([, name]) => name)
  expect(shown.sort()).toEqual(Object.keys(pictures).sort())
  for (const name of shown) expect((await readFile(join(folder, `${name}.png`))).subarray(0, 4)).toEqual(png)
})
