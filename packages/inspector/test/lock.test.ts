import { type Logger, memoryInbox } from '@hookport/core'
import { inspector } from '@hookport/inspector'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { keptInbox } from './support/kept-inbox.ts'
import { Visitor } from './support/visitor.ts'

const minute = 60_000

beforeEach(() => vi.useFakeTimers({ toFake: ['Date'], now: 1_700_000_000_000 }))
afterEach(() => vi.useRealTimers())

function lines(): { logger: Logger; urls: string[] } {
  const urls: string[] = []
  const logger = {
    debug() {},
    info() {},
    error() {},
    warn: (about: object) => urls.push(String('url' in about && about.url)),
  }
  return { logger, urls }
}

describe('without authorize', () => {
  test('nothing is shown to who brings no token: neither page, nor data, nor files', async () => {
    const visitor = new Visitor(inspector(await keptInbox()))
    const statuses = ['', '/', '/api/session', '/api/events', '/api/live', '/assets/app.js'].map(
      async (path) => {
        const response = await visitor.visit(path)
        return [response.status, (await response.text()).includes('evt_')]
      },
    )
    expect(await Promise.all(statuses)).toEqual(Array.from({ length: 6 }, () => [401, false]))
    expect(visitor.cookies.size).toBe(0)
  })

  test('a token lets a browser in once, and its cookie goes on doing so', async () => {
    const page = inspector(await keptInbox())
    const ticket = page.ticket()
    const visitor = new Visitor(page)
    const opened = await visitor.visit(`?token=${ticket}`)
    expect(opened.status).toBe(200)
    expect(await opened.text()).toContain('<link rel="icon"') // else the browser asks the application for one
    expect(opened.headers.get('set-cookie')).toMatch(
      /^hookport-session-3000_hookport=[\w-]{43}; HttpOnly; SameSite=Strict$/,
    )
    expect((await visitor.visit('')).status).toBe(200)
    expect((await visitor.ask('session')).status).toBe(200)
    expect((await new Visitor(page).visit(`?token=${ticket}`)).status).toBe(401)
  })

  test('a token is good for 15 minutes, and a cookie for 12 hours', async () => {
    const page = inspector(memoryInbox())
    const [early, late] = [page.ticket(), page.ticket()]
    const visitor = new Visitor(page)
    vi.setSystemTime(Date.now() + 15 * minute - 1)
    expect((await visitor.visit(`?token=${early}`)).status).toBe(200)
    vi.setSystemTime(Date.now() + 1)
    expect((await new Visitor(page).visit(`?token=${late}`)).status).toBe(401)
    vi.setSystemTime(Date.now() + 12 * 60 * minute - 2)
    expect((await visitor.visit('')).status).toBe(200)
    vi.setSystemTime(Date.now() + 1)
    expect((await visitor.visit('')).status).toBe(401)
  })

  test('two inspectors of one server, under two paths, do not put out who looks at the other', async () => {
    const [one, other] = [inspector(memoryInbox()), inspector(memoryInbox())]
    const cookies = new Map<string, string>()
    const visit = async (page: typeof one, path: string) => {
      const cookie = [...cookies].map((pair) => pair.join('=')).join('; ')
      const request = new Request(`http://localhost:3000${path}`, { headers: { cookie } })
      const response = await page.fetch(request)
      for (const written of response.headers.getSetCookie()) {
        const [name = '', value = ''] = written.split(';', 1)[0]?.split('=') ?? []
        cookies.set(name, value)
      }
      return response.status
    }
    expect(await visit(one, `/one?token=${one.ticket()}`)).toBe(200)
    expect(await visit(other, `/other?token=${other.ticket()}`)).toBe(200)
    for (const path of ['/one', '/one/', '/one/api/session', '/one/assets/app.js'])
      expect([path, await visit(one, path)]).toEqual([path, 200])
    expect(await visit(other, '/other')).toBe(200)
  })

  test('what a browser fetches ahead uses no token up', async () => {
    const page = inspector(memoryInbox())
    const ticket = page.ticket()
    const ahead = await new Visitor(page).visit(`?token=${ticket}`, {
      headers: { 'sec-purpose': 'prefetch' },
    })
    expect(ahead.status).toBe(401)
    expect((await new Visitor(page).visit(`?token=${ticket}`)).status).toBe(200)
  })

  test('the log says how to get in although the clock was set back', async () => {
    const { logger, urls } = lines()
    const visitor = new Visitor(inspector(memoryInbox(), { logger }))
    await visitor.visit('')
    vi.setSystemTime(Date.now() - 60 * minute)
    await visitor.visit('')
    expect(urls).toHaveLength(2)
  })

  test('who asks for a locked page every minute puts out no token that was asked for', async () => {
    const page = inspector(memoryInbox(), { logger: lines().logger })
    const ticket = page.ticket()
    for (let minutes = 1; minutes < 15; minutes++) {
      vi.setSystemTime(Date.now() + minute)
      expect((await new Visitor(page).visit('')).status).toBe(401)
    }
    expect((await new Visitor(page).visit(`?token=${ticket}`)).status).toBe(200)
  })

  test.each([
    ['another host, as a name server of somebody else leads here', { host: 'evil.example:3000' }],
    ['a host that begins like ours', { host: 'localhost.evil.example' }],
    ['a host that ends like ours', { host: 'evil-127.0.0.1.example' }],
    ['a proxy', { 'x-forwarded-for': '203.0.113.9' }],
    ['a proxy that says so in the newer way', { forwarded: 'for=203.0.113.9' }],
  ])('a token is no good by way of %s', async (_, headers) => {
    const page = inspector(memoryInbox())
    const ticket = page.ticket()
    expect((await new Visitor(page).visit(`?token=${ticket}`, { headers })).status).toBe(403)
    expect((await new Visitor(page).visit(`?token=${ticket}`)).status).toBe(200)
  })

  test('the log says how to get in, once a minute, and the address works', async () => {
    const { logger, urls } = lines()
    const page = inspector(memoryInbox(), { logger })
    const visitor = new Visitor(page)
    await visitor.visit('')
    await visitor.visit('')
    await visitor.visit('/api/events')
    expect(urls).toEqual([expect.stringMatching(/^http:\/\/localhost:3000\/hookport\?token=[\w-]{43}$/)])
    vi.setSystemTime(Date.now() + minute)
    await visitor.visit('')
    expect(urls).toHaveLength(2)
    const { search } = new URL(urls[0] ?? '')
    expect((await visitor.visit(search)).status).toBe(200)
  })
})
