import { describe, expect, test } from 'vitest'
import { sourcesBelow } from './sources.ts'

type Rooms = Readonly<Record<string, readonly string[]>>

const core = 'packages/core/src'

/** What each room of core may import beside itself. What stands directly in `src` may import any room. */
const roomsOfCore: Rooms = {
  contracts: [],
  collections: [],
  options: ['contracts'],
  bytes: ['contracts'],
  bodies: ['contracts', 'collections'],
  keys: ['contracts', 'bytes', 'bodies', 'time'],
  redact: ['contracts'],
  time: ['contracts', 'bytes'],
  'inbox-kit': ['contracts', 'time', 'collections', 'options'],
  memory: ['contracts', 'time', 'inbox-kit', 'collections', 'options'],
  doctor: ['contracts', 'bytes', 'bodies', 'keys'],
  provider: ['contracts', 'options', 'bytes', 'bodies', 'keys', 'time', 'doctor'],
  accept: ['contracts', 'bytes', 'keys', 'time', 'inbox-kit', 'redact'],
  setup: ['contracts', 'collections', 'options', 'time', 'memory', 'redact'],
  observe: ['contracts', 'options', 'bytes', 'time'],
  handle: ['contracts', 'options', 'bytes', 'time', 'collections', 'setup', 'observe', 'redact'],
  health: ['contracts', 'options', 'time'],
  reconcile: ['contracts', 'options', 'accept', 'setup', 'time', 'memory', 'redact'],
  expect: ['contracts', 'options', 'accept', 'handle', 'reconcile', 'memory', 'setup', 'time'],
  'self-test': ['contracts', 'options', 'accept'],
  assembly: [
    'contracts',
    'accept',
    'handle',
    'reconcile',
    'expect',
    'provider',
    'setup',
    'time',
    'bytes',
    'observe',
    'health',
    'self-test',
    'testing',
  ],
  testing: ['contracts'],
  node: ['contracts', 'bytes', 'collections', 'time', 'accept', 'webhooks.ts'],
  web: ['contracts', 'bytes', 'collections', 'accept', 'webhooks.ts'],
}

/** The same of rooms within a room, and of packages beside core, which import public entries of others as well. */
const roomsElsewhere: Readonly<Record<string, Rooms>> = {
  'packages/core/src/contracts': {
    inbox: ['logger.ts'],
    provider: ['delivery.ts', 'event.ts'],
    reconcile: [],
    receiver: ['inbox', 'reconcile', 'delivery.ts', 'errors.ts', 'event.ts', 'logger.ts'],
  },
  'packages/core/src/memory': {
    kept: [],
    ids: ['kept'],
    consume: ['kept'],
  },
  'packages/core/src/inbox-kit': {
    consumer: ['backoff.ts', 'event-store.ts', 'lease-loss.ts'],
  },
  'packages/core/src/reconcile': {
    ask: [],
    schedule: [],
    lists: ['ask'],
    things: ['ask', 'lists'],
  },
  'packages/core/src/accept': {
    request: [],
    verify: ['request'],
    handshake: ['identity', 'verify'],
    identity: ['verify'],
    'take-on': ['verify', 'identity'],
    tell: ['verify'],
  },
  'packages/core/src/provider': {
    reading: [],
    secrets: [],
  },
  'packages/core/src/node': {
    request: [],
    reply: [],
  },
  'packages/core/src/doctor': {
    suspects: ['explanations.ts', 'time-limit.ts'],
  },
  'packages/sqlite/src': {
    file: [],
    layout: ['file'],
    ids: ['file', 'layout'],
    kept: ['file', 'layout', 'ids'],
    open: ['file', 'layout', 'ids', 'kept'],
    'take-on': ['file', 'ids', 'open'],
    consume: ['file', 'layout', 'kept', 'open'],
  },
  'packages/core/src/handle': {
    order: ['describe-failure.ts', 'handlers.ts', 'open-event.ts'],
    pause: [],
    turn: [
      'order',
      'pause',
      'describe-failure.ts',
      'handlers.ts',
      'open-event.ts',
      'park-log.ts',
      'events-under-way.ts',
    ],
    consume: ['turn', 'pause', 'events-under-way.ts'],
  },
  'packages/postgres/src': {
    layout: [],
    connection: ['layout', 'pool.ts', 'postgres-inbox-options.ts'],
    events: ['layout', 'connection', 'sql.ts'],
    put: ['layout', 'connection', 'events', 'sql.ts'],
    claims: ['layout', 'connection', 'events', 'put', 'sql.ts'],
    consume: ['layout', 'connection', 'events', 'put', 'sql.ts'],
  },
  'packages/bullmq/src': {
    scripts: [],
    redis: ['scripts'],
    layout: ['redis', 'scripts'],
    'take-on': ['layout', 'redis', 'scripts'],
    consume: ['layout', 'take-on', 'redis', 'scripts'],
  },
  'packages/bullmq/src/scripts': {
    parts: [],
  },
  'packages/once/src': {
    sql: ['awaitable.ts', 'once-error.ts'],
    receipts: ['sql', 'awaitable.ts', 'options.ts'],
    effect: ['sql', 'receipts', 'awaitable.ts', 'once.ts', 'once-error.ts', 'options.ts'],
  },
  'packages/inspector/src': {
    access: ['arrival.ts', 'options.ts', 'reply'],
    reply: ['arrival.ts'],
    api: ['access', 'reply', 'arrival.ts', 'options.ts', 'rooms.ts', 'stores.ts'],
    mounts: ['arrival.ts'],
  },
  'packages/inspector/page/src': {
    answers: [],
    dialogs: ['answers', 'shared.ts', 'times.ts'],
    event: ['answers', 'dialogs', 'handler-name.tsx', 'place.ts', 'shared.ts', 'times.ts', 'visible.ts'],
    list: ['answers', 'dialogs', 'handler-name.tsx', 'place.ts', 'shared.ts', 'times.ts', 'visible.ts'],
  },
  'packages/cli/src': {
    terminal: [],
    flags: ['terminal'],
    doctor: ['terminal'],
    inbox: ['flags', 'terminal'],
    provider: ['flags', 'terminal'],
    send: ['flags', 'provider', 'terminal'],
    listen: ['flags', 'send', 'terminal'],
    rotate: ['flags', 'send', 'terminal'],
    commands: ['doctor', 'flags', 'inbox', 'listen', 'provider', 'rotate', 'send', 'terminal'],
  },
  'packages/cli/src/commands': {
    deliveries: ['command.ts'],
    stores: ['command.ts'],
    accounts: ['command.ts'],
  },
  'packages/conformance/src': {
    target: [],
    http: ['target', 'audit.ts'],
    steps: ['target', 'http', 'audit.ts'],
    audits: ['target', 'http', 'steps', 'audit.ts'],
    inbox: [],
  },
  'packages/conformance/src/audits': {
    arrival: [],
    refusals: [],
    events: [],
  },
  'packages/conformance/src/inbox': {
    bench: [],
    steps: [],
    put: ['bench', 'steps'],
    claim: ['bench', 'steps'],
    consume: ['bench', 'steps'],
    kept: ['bench', 'steps'],
    restart: ['bench', 'steps'],
    notes: ['bench'],
  },
  'packages/testkit/src': {
    servers: [],
    proxies: [],
    http: [],
    receivers: [],
    audits: [],
    inbox: ['receivers', 'deferred.ts', 'logs.ts'],
  },
  'packages/testkit/src/servers': {
    programs: [],
  },
}

/** What may be imported from outside, and by nobody inside. */
const faces = [
  'index.ts',
  'node.ts',
  'web.ts',
  'testing.ts',
  'doctor.ts',
  'inbox-kit.ts',
  'redact.ts',
  'types.ts',
]

const coreSources = sourcesBelow(core)

function roomOf(path: string, folder = core): string {
  return path.slice(folder.length + 1).split('/')[0] ?? ''
}

describe.each(Object.entries({ [core]: roomsOfCore, ...roomsElsewhere }))('a room of %s', (folder, rooms) => {
  const sources = sourcesBelow(folder)
  const built = new Set(
    sources.map(({ path }) => roomOf(path, folder)).filter((room) => !/\.tsx?$/.test(room)),
  )

  test('is one that the rules name', () => {
    expect([...built].sort()).toEqual(Object.keys(rooms).sort())
  })

  test.each(Object.entries(rooms))('%s imports nothing but %j', (room, allowed) => {
    const strange = sources
      .filter(({ path }) => roomOf(path, folder) === room)
      .flatMap(({ path, imports }) =>
        imports
          .filter((imported) => imported.startsWith(`${folder}/`))
          .filter((imported) => ![room, ...allowed].includes(roomOf(imported, folder)))
          .map((imported) => `${path} imports ${imported}`),
      )
    expect(strange).toEqual([])
  })
})

test('nobody in core imports one of its faces, nor anything outside of Node', () => {
  const strange = coreSources.flatMap(({ path, imports }) =>
    imports
      .filter((imported) =>
        imported.startsWith(core) ? faces.includes(roomOf(imported)) : !imported.startsWith('node:'),
      )
      .map((imported) => `${path} imports ${imported}`),
  )
  expect(strange).toEqual([])
})
