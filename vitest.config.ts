import { defineConfig } from 'vitest/config'

const conditions = ['@hookport/source']

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    // A machine under load is slow. What must be quick is measured by the benchmark.
    testTimeout: 20_000,
    globalSetup: ['packages/testkit/src/ensure-redis.ts'],
    include: ['packages/*/test/**/*.test.ts', 'test/**/*.test.ts'],
    typecheck: { enabled: true, include: ['packages/*/test/**/*.test-d.ts', 'test/**/*.test-d.ts'] },
  },
})
