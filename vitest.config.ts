import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { defineConfig } from 'vitest/config'

const conditions = ['@hookport/source']

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    // A machine under load is slow. What must be quick is measured by the benchmark.
    testTimeout: 20_000,
    expect: { poll: { timeout: 10_000 } },
    maxWorkers: Math.ceil(1.5 * availableParallelism()), // most files wait more than they work
    // Processes that tests start compile our sources once, and not each anew: a third of the time that they take to start.
    env: { NODE_COMPILE_CACHE: join(tmpdir(), 'hookport-compile-cache') },
    globalSetup: ['packages/testkit/src/ensure-servers.ts'],
    include: ['packages/*/test/**/*.test.ts', 'test/**/*.test.ts'],
    typecheck: { enabled: true, include: ['packages/*/test/**/*.test-d.ts', 'test/**/*.test-d.ts'] },
  },
})
