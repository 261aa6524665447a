import { memoryInbox } from '@hookport/core'
import { inspector } from '@hookport/inspector'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { keptInbox } from './support/kept-inbox.ts'
import { Visitor } from './support/visitor.ts'

describe('authorize', () => {
  test('is asked for every request, with its headers and what the framework has of it', async () => {
    const asked: unknown[] = []
    const page = inspector(await keptInbox(), {
      authorize(request, native) {
        asked.push([new URL(request.url).pathname, request.headers.get('authorization'), native])
        return true
      },
    })
    const headers = { authorization: 'Bearer x', host: 'ops.example' }
    await page.fetch(new Request('https://ops.example/hookport', { headers }), { user: 'ada' })
    await page.fetch(new Request('https://ops.example/hookport/assets/app.js', { headers }))
    await page.fetch(new Request('https://ops.example/hookport/api/events', { headers }))
    expect(asked).toEqual([
      ['/hookport', 'Bearer x', { user: 'ada' }],
      ['/hookport/assets/app.js', 'Bearer x', undefined],
      ['/hookport/api/events', 'Bearer x', undefined],
    ])
  })

  test.each([[false], [undefined], [null], [0], ['yes'], [[]], [[{ name: 'ada' }]]])(
    '%j is no access',
    async (access) => {
      const page = inspector(await keptInbox(), { authorize: () => access as undefined })
      for (const path of ['', '/api/events', '/assets/app.js']) {
        const response = await new Visitor(page).visit(path)
        expect(response.status).toBe(403)
        expect(await response.text()).not.toContain('evt_')
      }
    },
  )

  test('what throws is no access, and the reason is for the log', async () => {
    const errors: unknown[] = []
    const logger = { debug() {}, info() {}, warn() {}, error: (about: object) => errors.push(about) }
    const err = new Error('the session store is away: redis://:secret@host')
    const page = inspector(await keptInbox(), { logger, authorize: () => Promise.reject(err) })
    const response = await new Visitor(page).visit('/api/events')
    expect(response.status).toBe(503)
    expect(await response.text()).not.toContain('secret')
    expect(errors).toEqual([{ err }])
  })

  test('a reply of the application goes out as it is', async () => {
    const page = inspector(await keptInbox(), {
      authorize: () => new Response(null, { status: 302, headers: { location: '/sign-in' } }),
    })
    const response = await new Visitor(page).visit('')
    expect([response.status, response.headers.get('location')]).toEqual([302, '/sign-in'])
  })

  test('a reply is one whatever class it is of, and shows nothing: servers put a class of their own in the place of the platform', async () => {
    const Native = Response
    vi.stubGlobal('Response', class extends Native {})
    onTestFinished(() => void vi.unstubAllGlobals())
    const signIn = new Native('sign in', { status: 401 })
    expect(signIn instanceof Response).toBe(false)
    const page = inspector(await keptInbox(), { authorize: () => signIn.clone() })
    for (const path of ['', '/api/events', '/assets/app.js']) {
      const response = await new Visitor(page).visit(path)
      expect([response.status, await response.text()]).toEqual([401, 'sign in'])
    }
  })

  test('who may change things is told so: by true, or where nothing is said', async () => {
    for (const viewer of [{ mayChange: true }, { mayChange: undefined }, { name: 'ada' }]) {
      const visitor = await new Visitor(inspector(await keptInbox(), { authorize: () => viewer })).open()
      expect((await visitor.ask('session')).value.viewer.mayChange).toBe(true)
      expect(await visitor.send('discard', { keys: ['acme:evt_dead_1'] })).toMatchObject({ status: 200 })
    }
  })

  test.each([[false], [null], [0], [''], ['false']])(
    'who may not change anything, as mayChange is %j, sees all, and changes nothing',
    async (mayChange) => {
      const inbox = await keptInbox()
      const viewer = { mayChange } as { mayChange: boolean }
      const visitor = await new Visitor(inspector(inbox, { authorize: () => viewer })).open()
      expect((await visitor.ask('session')).value.viewer.mayChange).toBe(false)
      expect((await visitor.ask('events')).value.items).toHaveLength(3)
      for (const change of ['redrive', 'discard']) {
        expect(await visitor.send(change, { keys: ['acme:evt_dead_1'] })).toMatchObject({
          status: 403,
          value: { error: 'read_only' },
        })
      }
      expect(await inbox.counts()).toMatchObject({ dead: 2, pending: 1 })
    },
  )

  test('an option that can not be meant is an error at once', async () => {
    const inbox = await keptInbox()
    expect(() => inspector(inbox, { authorize: undefined })).toThrow('authorize is undefined')
    expect(() => inspector(inbox, { authorise: () => true } as object)).toThrow('no option authorise')
    expect(() => inspector([])).toThrow('empty list')
    expect(() => inspector({ password: 'hunter2' } as never)).toThrow(
      'inspector was given an object; it takes receivers',
    )
    expect(() => inspector(inbox, { redact: ['data..email'] })).toThrow(
      'a path is names with dots between them',
    )
  })

  test.each([
    { hosts: 'ops.example.com' },
    { hosts: [] },
    { hosts: ['https://ops.example.com'] },
    { hosts: ['ops.example.com/hookport'] },
    { hosts: [7] },
    { refreshMs: Number.POSITIVE_INFINITY },
    { refreshMs: 2 ** 31 },
    { refreshMs: 99 },
    { refreshMs: '500' },
  ])('%o can not work, and is refused with what it must be', async (option) => {
    const inbox = await keptInbox()
    expect(() => inspector(inbox, { authorize: () => true, ...(option as object) })).toThrow(
      /^(hosts|refreshMs) is .*; it must be /,
    )
  })

  test('hosts that are named are the only ones', async () => {
    const page = inspector(await keptInbox(), {
      authorize: () => true,
      hosts: ['ops.example', 'localhost:3000'],
    })
    const status = async (host: string) => (await new Visitor(page).visit('', { headers: { host } })).status
    expect(await status('ops.example')).toBe(200)
    expect(await status('ops.example:8443')).toBe(200)
    expect(await status('localhost:3000')).toBe(200)
    expect(await status('localhost:4000')).toBe(403)
    expect(await status('evil.example')).toBe(403)
  })
})

test.each(['throws', 'rejects'])('a logger that %s costs no answer, and no process', async (how) => {
  const rejected = vi.fn()
  process.on('unhandledRejection', rejected)
  onTestFinished(() => void process.off('unhandledRejection', rejected))
  const fail = () => {
    if (how === 'throws') throw new Error('no space left')
    return Promise.reject(new Error('no space left'))
  }
  const logger = { debug: fail, info: fail, warn: fail, error: fail }
  const locked = inspector(await keptInbox(), { logger })
  const broken = inspector(await keptInbox(), { logger, authorize: fail as never })
  expect((await new Visitor(locked).visit('')).status).toBe(401) // and is told in the log how to get in
  expect((await broken.fetch(new Request('http://localhost/hookport/api/events'))).status).toBe(503)
  await new Promise((resolve) => setImmediate(resolve))
  expect(rejected).not.toHaveBeenCalled()
})

test('with logger: false, what fails is answered, and logged nowhere', async () => {
  const authorize = () => {
    throw new Error('no directory of users')
  }
  const page = inspector(await keptInbox(), { authorize, logger: false })
  const response = await page.fetch(new Request('http://localhost/hookport/api/events'))
  expect(response.status).toBeGreaterThanOrEqual(500)
})

test.each([[null], [{}], [{ debug() {}, info() {}, warn() {} }], [true]])(
  'what can not log is an error at start: %o',
  (logger) => {
    const make = () => inspector(memoryInbox(), { logger } as never)
    expect(make).toThrow(/^logger has no method/)
  },
)
