/** A folder of sources, and what is known of its mutants. */
export interface Target {
  readonly folder: string
  /** Per cent of its mutants that tests have to notice. */
  readonly aim: number
  /** Tests that may reach it. Each mutant runs those of them that do. */
  readonly tests: readonly string[]
  /** Its tests wait for a store: running them once takes as long as a sample may. */
  readonly isSlow?: boolean
}

const memorySuite = 'packages/conformance/test/memory-inbox.test.ts'
/** The suite over an inbox that is made of the kit. */
const kitSuite = 'packages/conformance/test/shared-inbox.test.ts'

/** What tests of the whole say of every adapter. */
const ofAdapters = [
  'test/adapter-options.test.ts',
  'test/every-adapter.test.ts',
  'test/stacks/closing-server.test.ts',
]

/** The folders that have an aim, or tests of their own. */
export const targets: readonly Target[] = [
  {
    folder: 'packages/core/src/accept',
    aim: 90,
    tests: ofCore('accept', 'receiver', 'node', 'web', 'observe', 'provider', 'reconcile', 'health'),
  },
  {
    folder: 'packages/core/src/handle',
    aim: 90,
    // Not setup/sources: it loads the modules once more, so that what they do as they load would be tried with it alone.
    // Not handle/memory-of-payloads: it looks through millions of values, which takes minutes where each is counted.
    tests: [
      ...ofCore('options', 'receiver', 'health', 'observe', 'reconcile'),
      'packages/core/test/handle/!(memory-of-payloads).test.ts',
      'packages/core/test/setup/!(sources).test.ts',
    ],
  },
  { folder: 'packages/core/src/bytes', aim: 90, tests: ofCore('bytes', 'provider') },
  {
    folder: 'packages/core/src/memory',
    aim: 90,
    tests: [...ofCore('memory'), ...ofReceiver('request-bound', 'parked', 'paused', 'aliases'), memorySuite],
  },
  {
    folder: 'packages/core/src/inbox-kit',
    aim: 90,
    tests: [...ofCore('inbox-kit', 'receiver'), kitSuite],
  },
  {
    folder: 'packages/core/src/web',
    aim: 0, // it was never tried as a whole
    tests: [...ofCore('web', 'receiver', 'accept'), conformanceOf('hono'), ...ofAdapters],
  },
  {
    folder: 'packages/core/src/node',
    aim: 0, // it was never tried as a whole
    tests: [
      ...ofCore('node', 'bodies'), // not those of a receiver: hundreds reach it, so that a survivor takes a minute
      ...['node-http', 'express', 'koa'].map(conformanceOf),
      ...['express', 'koa'].flatMap(testsOf),
      ...ofAdapters,
    ],
  },
  {
    folder: 'packages/sqlite/src',
    aim: 85,
    // Not retention: its tests of 100,000 ids and of a month take ten seconds for each mutant. Quick tests of what is tidied up are in tidying.
    tests: ['packages/sqlite/test/!(retention).test.ts'],
    isSlow: true,
  },
  {
    folder: 'packages/bullmq/src',
    aim: 85,
    // Not failover, nor idle-cost: they wait for seconds, which is too long for each mutant. Quick tests over fakes hold the same.
    tests: ['packages/bullmq/test/!(failover|idle-cost).test.ts'],
    isSlow: true,
  },
  {
    folder: 'packages/providers/src',
    aim: 85,
    tests: [...testsOf('providers'), 'packages/conformance/test/audit-provider.test.ts'],
  },
  {
    folder: 'packages/once/src',
    aim: 85,
    // Not those that kill processes and cut connections, which takes seconds.
    tests: ['packages/once/test/!(processes|cut-connection).test.ts'],
  },
  {
    folder: 'packages/postgres/src',
    aim: 85,
    // Not those of plans, of PgBouncer and of failovers: they take up to a minute.
    tests: ['packages/postgres/test/!(plans|pgbouncer|failover|restart).test.ts'],
    isSlow: true,
  },
  ...['express', 'fastify', 'koa', 'next'].map((name) => ({
    folder: `packages/${name}/src`,
    aim: name === 'koa' || name === 'next' ? 85 : 0, // the others were never tried as a whole
    tests: [...testsOf(name), conformanceOf(name), ...ofAdapters],
  })),
]

function testsOf(name: string): string[] {
  return [`packages/${name}/test/**/*.test.ts`]
}

/** The audits over an adapter of this name, if there is one. Not those over Next: they start it, and take their recipe from the pages. */
function conformanceOf(name: string): string {
  return `test/conformance/${name === 'next' ? 'none' : name}.test.ts`
}

function ofCore(...folders: readonly string[]): string[] {
  return folders.map((folder) => `packages/core/test/${folder}/**/*.test.ts`)
}

/** Single files of the tests of a receiver: all of them take long, as each goes through the whole of core. */
function ofReceiver(...names: readonly string[]): string[] {
  return names.map((name) => `packages/core/test/receiver/${name}.test.ts`)
}

/** What a source belongs to. Where no folder with an aim has it, its package's tests are run, and nothing is aimed at. */
export function targetOf(file: string): Target {
  const target = targets.find(({ folder }) => file.startsWith(`${folder}/`))
  if (target) return target
  const [folder] = /^packages\/[^/]+\/src(\/[^/]+(?=\/))?/.exec(file) ?? [file]
  const [, name = ''] = file.split('/')
  return { folder, aim: 0, tests: testsOf(name) }
}
