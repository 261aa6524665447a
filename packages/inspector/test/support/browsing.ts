import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type Inspected, type InspectorOptions, inspector } from '@hookport/inspector'
import { startChromium } from '@hookport/testkit/servers/chromium'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll } from 'vitest'

const startMs = 60_000

/** How long one test may take, on a machine that is busy: a browser is slow to open its pages there. */
export const browserTestMs = 90_000

/** What a page has said that it should not have: errors, refused loads, dialogs, and requests to others. */
interface Opened {
  readonly page: Page
  readonly complaints: string[]
}

export interface Browsing {
  /** Serves an inspector at `/hookport`. Answers its address. */
  serve(inspected: Inspected, options?: InspectorOptions, host?: string): Promise<string>
  /** Serves anything else. Answers its origin. */
  serveOther(listener: RequestListener, host?: string): Promise<string>
  open(address: string, options?: BrowserContextOptions): Promise<Opened>
}

/** A browser for the tests of a file, and servers for each test. */
export function browsing(): Browsing {
  let browser: Browser
  const endings: (() => Promise<unknown>)[] = []
  beforeAll(async () => {
    browser = await startChromium()
  }, startMs)
  afterAll(() => browser?.close())
  afterEach(async () => {
    for (const end of endings.splice(0).reverse()) await end()
  })

  async function serveOther(listener: RequestListener, host = '127.0.0.1'): Promise<string> {
    const server = createServer(listener).listen(0, '127.0.0.1')
    await once(server, 'listening')
    endings.push(async () => {
      server.close()
      server.closeAllConnections()
    })
    return `http://${host}:${(server.address() as AddressInfo).port}`
  }

  return {
    serveOther,
    async serve(inspected, options = { authorize: () => true }, host) {
      const page = inspector(inspected, { refreshMs: 200, ...options })
      endings.push(async () => page.close())
      const origin = await serveOther((request, response) => void page(request, response), host)
      return options.authorize ? `${origin}/hookport` : `${origin}/hookport?token=${page.ticket()}`
    },
    async open(address, options = {}) {
      const context = await browser.newContext({ viewport: { width: 1200, height: 900 }, ...options })
      endings.push(() => context.close())
      const page = await context.newPage()
      page.setDefaultTimeout(20_000)
      const complaints: string[] = []
      page.on('pageerror', ({ message }) => complaints.push(message))
      page.on('console', (line) => line.type() === 'error' && complaints.push(line.text()))
      page.on('dialog', (dialog) => {
        complaints.push(`dialog: ${dialog.message()}`)
        void dialog.dismiss()
      })
      page.on('request', (request) => {
        if (new URL(request.url()).host !== new URL(address).host)
          complaints.push(`request: ${request.url()}`)
      })
      await page.goto(address)
      return { page, complaints }
    },
  }
}
