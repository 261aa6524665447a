import { memoryInbox } from '@hookport/core'
import { eventRecord } from '@hookport/testkit/inbox/event-records'
import { expect, test, vi } from 'vitest'
import { browserTestMs, browsing } from '../support/browsing.ts'

const { serve, open } = browsing()
vi.setConfig({ testTimeout: browserTestMs })

/** What runs, loads or closes something, wherever it is taken for markup. */
const markup = `"'></td></pre></script><img src=x onerror=alert(1)><script>alert(2)</script><svg onload=alert(3)><iframe srcdoc="<script>alert(4)</script>"></iframe><a href="javascript:alert(5)">x</a>{{7*7}}\${7*7}<base href="http://evil.example/">`

/** Whether anything of it has become more than text. */
const cameAlive = `document.querySelectorAll('img, iframe, base, svg[onload], main script, a[href^="javascript:"]').length`

test('an event whose every field is markup is shown as text, and nothing of it runs or loads', async () => {
  const inbox = memoryInbox()
  const failure = { handler: markup, code: markup, message: markup, stack: markup, at: Date.now() }
  const event = eventRecord({
    key: `acme:${markup}`,
    source: markup,
    tenant: markup,
    id: markup,
    type: markup,
    receivedAt: Date.now(),
    rawBody: Buffer.from(JSON.stringify({ [markup]: markup, nested: [markup] })),
    aliases: [markup],
    orderKey: markup,
    request: { url: markup, headers: { [markup]: markup } },
    trace: { traceparent: markup, tracestate: markup },
  })
  await inbox.put(event, { rememberMs: 60_000, failure })
  const { page, complaints } = await open(await serve(inbox))
  await page.locator('.id', { hasText: '<script>alert(2)</script>' }).first().waitFor()
  expect(await page.evaluate(cameAlive)).toBe(0)
  await page.locator('nav.states button', { hasText: 'dead' }).click()
  await page.locator('td.what a').first().click()
  await page.locator('.failure').first().waitFor()
  await page.getByText('Stack').click()
  for (const form of ['pretty', 'exact', 'bytes']) await page.getByRole('button', { name: form }).click()
  await page.getByRole('button', { name: 'Discard…' }).click()
  const text = (await page.locator('main').textContent()) ?? ''
  // Of each place where it stands: id, type, source, tenant, key, alias, order key, trace, URL, header and its value, three of the failure.
  expect(text.split('onerror=alert(1)').length - 1).toBeGreaterThanOrEqual(13)
  expect(await page.evaluate(cameAlive)).toBe(0)
  expect(complaints).toEqual([])
})

test('no text of a sender turns round the order of what is shown after it', async () => {
  const turned = 'a\u202edaed'
  const inbox = memoryInbox()
  const event = eventRecord({
    ...{ id: turned, type: turned, tenant: turned, aliases: [turned], orderKey: turned },
    rawBody: Buffer.from(JSON.stringify({ [turned]: '\u2067', written: 'שלום' })),
    request: { url: turned, headers: { [turned]: turned } },
  })
  const failure = { handler: turned, code: turned, message: turned, stack: turned, at: 0 }
  await inbox.put(event, { rememberMs: 60_000, failure })
  const { page } = await open(await serve(inbox))
  const shown = async () => (await page.locator('main').textContent()) ?? ''
  await page.locator('table.events').waitFor()
  expect(await shown()).not.toMatch(/[\u202a-\u202e\u2066-\u2069]/)
  await page.locator('td.what a').first().click()
  await page.locator('.payload').waitFor()
  for (const form of ['pretty', 'exact']) {
    await page.getByRole('button', { name: form }).click()
    expect(await shown()).not.toMatch(/[\u202a-\u202e\u2066-\u2069]/)
    expect(await shown()).toContain(String.raw`a\u202edaed`)
    expect(await shown()).toContain('שלום')
  }
})

test('what the address of the page asks for is text, too', async () => {
  const address = await serve(memoryInbox())
  const place = new URLSearchParams({
    id: markup,
    type: markup,
    source: markup,
    tenant: markup,
    from: markup,
    since: markup,
    store: markup,
    state: markup,
  })
  const { page, complaints } = await open(`${address}#${place}`)
  await page.getByLabel('Text in id').waitFor()
  expect(await page.getByLabel('Text in id').inputValue()).toBe(markup)
  expect(await page.evaluate(cameAlive)).toBe(0)
  expect(complaints.filter((line) => !line.includes('404'))).toEqual([])
})

test('markup that got in by a flaw of the page would not run: neither scripts, nor handlers, nor text made into markup', async () => {
  const { page, complaints } = await open(await serve(memoryInbox()))
  await page.locator('nav.states').waitFor()
  const refused = await page.evaluate(`(() => {
    const attempts = [
      () => { document.body.innerHTML = '<img src=x onerror=alert(1)>' },
      () => { document.body.append(Object.assign(document.createElement('script'), { text: 'alert(2)' })) },
      () => { document.body.setAttribute('onclick', 'alert(3)') },
      () => { document.write('<script>alert(4)</script>') },
    ]
    return attempts.map((attempt) => { try { attempt(); return 'done' } catch (error) { return error.name } })
  })()`)
  expect(refused).toEqual(['TypeError', 'TypeError', 'TypeError', 'TypeError'])
  await page.locator('body').click()
  expect(complaints.filter((line) => line.startsWith('dialog'))).toEqual([])
})
