import type { Inbox } from '@hookport/core'
import type { Page } from 'playwright-core'
import { describe, expect, test, vi } from 'vitest'
import { browserTestMs, browsing } from '../support/browsing.ts'
import { keptInbox } from '../support/kept-inbox.ts'

const { serve, serveOther, open } = browsing()
vi.setConfig({ testTimeout: browserTestMs })

const untouched = { dead: 2, pending: 1 }

/** What a page of somebody else tries, in a browser that is signed in. Each resolves once it has done its worst. */
const attempts: Readonly<Record<string, string>> = {
  'a form that sends JSON as text': `
    const form = document.createElement('form')
    form.method = 'POST'; form.enctype = 'text/plain'; form.action = target + '/api/discard'; form.target = 'sink'
    const input = document.createElement('input')
    input.name = '{"keys":["acme:evt_dead_1"],"x":"'; input.value = '"}'
    form.append(input); document.body.append(form); form.submit()`,
  'a request without CORS': `
    await fetch(target + '/api/discard', { method: 'POST', mode: 'no-cors', credentials: 'include', body: '{"keys":["acme:evt_dead_1"]}' }).catch(() => {})`,
  'a request with CORS, and the header of a change': `
    const headers = { 'content-type': 'application/json', 'x-hookport-change': 'x'.repeat(43) }
    await fetch(target + '/api/discard', { method: 'POST', credentials: 'include', headers, body: '{"keys":["acme:evt_dead_1"]}' }).catch(() => {})`,
  'a beacon': `navigator.sendBeacon(target + '/api/discard', '{"keys":["acme:evt_dead_1"]}')`,
  'an image': `const image = new Image(); image.src = target + '/api/discard?keys=acme:evt_dead_1'; document.body.append(image)`,
}

/** A page of another site, or of another port of the same one, in a browser that has opened the inspector. */
async function attacker(
  inbox: Inbox,
  options: object | undefined,
  host: string,
): Promise<{ page: Page; target: string }> {
  const address = await serve(inbox, options as never)
  const target = address.replace(/\?.*/, '')
  const { page } = await open(address)
  await page.locator('table.events').waitFor()
  const evil = await serveOther((_request, response) => {
    response.setHeader('content-type', 'text/html')
    response.end('<!doctype html><iframe name="sink"></iframe><h1>You have won</h1>')
  }, host)
  await page.goto(evil)
  return { page, target }
}

const site = ['another site', 'localhost'] as const
const port = ['another port of the same host, to which its cookies go', '127.0.0.1'] as const
const authorized = ['with authorize', { authorize: () => true }] as const
const opened = ['that a token has opened', {}] as const
/** Each of both in every run; each with each with TEST_ALL. */
const cases = [
  [...port, ...authorized],
  [...site, ...opened],
  [...site, ...authorized],
  [...port, ...opened],
] as const

describe.each(process.env.TEST_ALL ? cases : cases.slice(0, 2))(
  'a page of %s',
  (_, host, inspectorIs, options) => {
    describe(`before an inspector ${inspectorIs}`, () => {
      test('changes nothing, whatever it sends', async () => {
        const inbox = await keptInbox()
        const { page, target } = await attacker(inbox, options, host)
        for (const [name, attempt] of Object.entries(attempts)) {
          await page.evaluate(`(async (target) => { ${attempt} })(${JSON.stringify(target)})`)
          await page.waitForTimeout(200)
          expect(await inbox.counts(), name).toMatchObject(untouched)
        }
      })

      test('reads nothing: neither by requests, nor as a script', async () => {
        const { page, target } = await attacker(await keptInbox(), options, host)
        const read = await page.evaluate(`(async (target) => {
        const texts = ['/api/events', '/api/session', ''].map((path) =>
          fetch(target + path, { credentials: 'include' }).then((response) => response.text(), () => 'refused'))
        const script = document.createElement('script')
        const loaded = new Promise((resolve) => { script.onload = () => resolve('loaded'); script.onerror = () => resolve('refused') })
        script.src = target + '/assets/app.js'
        document.body.append(script)
        return Promise.all([...texts, loaded])
      })(${JSON.stringify(target)})`)
        expect(read).toEqual(['refused', 'refused', 'refused', 'refused'])
      })

      test('frames nothing, so that no click of a visitor can be led astray', async () => {
        const { page, target } = await attacker(await keptInbox(), options, host)
        await page.evaluate(`(async (target) => {
        for (const name of ['iframe', 'embed', 'object']) {
          const frame = document.createElement(name)
          frame[name === 'object' ? 'data' : 'src'] = target
          document.body.append(frame)
        }
      })(${JSON.stringify(target)})`)
        await page.waitForTimeout(700)
        const texts = await Promise.all(
          page.frames().map((frame) => frame.evaluate('document.body.innerText').catch(() => '')),
        )
        expect(texts.join()).toContain('You have won')
        expect(texts.join()).not.toMatch(/dead|evt_|inspector/)
      })
    })
  },
)

test('a name that leads here, and is not ours, opens nothing (DNS rebinding)', async () => {
  const address = await serve(await keptInbox(), {})
  const { port, search, pathname } = new URL(address)
  const { page } = await open(`http://rebound.localhost:${port}${pathname}${search}`)
  expect(await page.locator('body').textContent()).toContain('This page only answers on its own machine.')
  const { page: own } = await open(address)
  await own.locator('table.events').waitFor()
})
