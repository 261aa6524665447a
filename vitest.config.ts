import { globSync, readFileSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { defineConfig } from 'vitest/config'

const conditions = ['@hookport/source']
const ofPackages = 'packages/*/test/**/*.test.ts'

/** Tests that put another module in a module's place, or count all timers of their process: each in a process of its own, so that no other test is in it. */
const apart = globSync(ofPackages).filter((file) =>
  /\bvi\.(mock|doMock|getTimerCount)\(/.test(readFileSync(file, 'utf8')),
)

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    // A machine under load is slow. What must be quick is measured by the benchmark: these only end what hangs.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    expect: { poll: { timeout: 10_000 } },
    maxWorkers: Math.ceil(1.5 * availableParallelism()), // most files wait more than they work
    // Processes that tests start compile our sources once, and not each anew: a third of the time that they take to start.
    env: { NODE_COMPILE_CACHE: join(tmpdir(), 'hookport-compile-cache') },
    globalSetup: ['packages/testkit/src/servers/ensure-servers.ts'],
    projects: [
      {
        extends: true,
        test: {
          name: 'packages',
          include: [ofPackages],
          exclude: apart,
          isolate: false, // a process for each file, and its modules anew, takes two thirds of their time
          setupFiles: ['packages/testkit/src/real-timers.ts'],
        },
      },
      {
        extends: true,
        test: {
          name: 'apart',
          include: ['test/**/*.test.ts', ...apart],
          typecheck: { enabled: true, include: ['packages/*/test/**/*.test-d.ts', 'test/**/*.test-d.ts'] },
        },
      },
    ],
  },
})
