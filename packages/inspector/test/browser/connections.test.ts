import { inspector } from '@hookport/inspector'
import type { Page } from 'playwright-core'
import { expect, test, vi } from 'vitest'
import { browserTestMs, browsing } from '../support/browsing.ts'
import { keptInbox, putDead } from '../support/kept-inbox.ts'

const { serve, serveOther, open } = browsing()
vi.setConfig({ testTimeout: browserTestMs })

/** A browser has at most so many connections to a server without HTTP/2. */
const connections = 6

/** Has a page say that it is hidden, or is seen again: every page is visible to a browser that nobody looks at. */
async function hide(page: Page, isHidden: boolean): Promise<void> {
  const value = `{ value: '${isHidden ? 'hidden' : 'visible'}', configurable: true }`
  await page.evaluate(`Object.defineProperty(document, 'visibilityState', ${value})`)
  await page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
}

test('pages in other tabs, however many, keep no connection that the one that is looked at needs', async () => {
  const inbox = await keptInbox()
  const address = await serve(inbox)
  const { page: first } = await open(address)
  for (let index = 0; index < connections; index++) {
    const page = await first.context().newPage()
    await page.goto(address)
    await page.getByText('live', { exact: true }).waitFor()
    await hide(page, true)
  }
  await first.getByRole('link', { name: 'evt_waits' }).click()
  await first.getByRole('heading', { name: 'evt_waits' }).waitFor()

  const [, other] = first.context().pages()
  await putDead(inbox, { id: 'evt_new' })
  await hide(other as Page, false)
  await (other as Page).getByRole('link', { name: 'evt_new' }).waitFor()
})

test('a connection on which nothing is heard any more, as of a tunnel that broke, is given up for another', async () => {
  const inspect = inspector(await keptInbox(), { authorize: () => true })
  let isSilent = false
  const address = await serveOther((request, response) => {
    if (isSilent && request.url?.endsWith('/api/live'))
      response.writeHead(200, { 'content-type': 'text/event-stream' }).write('retry: 2000\n\n')
    else void inspect(request, response)
  })
  const { page: other } = await open(address)
  const page = await other.context().newPage()
  await page.clock.install()
  isSilent = true
  await page.goto(address)
  await page.getByRole('link', { name: 'evt_waits' }).waitFor()
  isSilent = false
  await page.clock.fastForward(60_000)
  await page.getByText('live', { exact: true }).waitFor()
})

/** In place of the browser's own: connections that are open until something closes them. */
const fakeSource = `window.sources = []
window.EventSource = class extends EventTarget {
  static CLOSED = 2
  readyState = 1
  constructor() {
    super()
    window.sources.push(this)
  }
  close() {
    this.readyState = 2
  }
}`

test('a page whose connection was refused just before it would have been given up has one connection, not two', async () => {
  const { page: other } = await open(await serve(await keptInbox()))
  const page = await other.context().newPage()
  await page.clock.install({ time: 0 })
  await page.addInitScript(fakeSource)
  await page.goto(other.url())
  await page.getByRole('link', { name: 'evt_waits' }).waitFor()
  await page.clock.pauseAt(38_000)
  await page.evaluate('sources[0].close(); sources[0].onerror()')
  await page.clock.runFor(10_000)
  expect(await page.evaluate('sources.filter(({ readyState }) => readyState === 1).length')).toBe(1)
})
