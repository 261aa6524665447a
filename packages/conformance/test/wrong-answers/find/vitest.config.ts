import { join } from 'node:path'
import { defineConfig } from 'vitest/config'
import { markedExpectations } from './marked-expectations.ts'

const conditions = ['@hookport/source']

/** Not a part of the tests: it finds what `wrong-answers.test.ts` runs. */
export default defineConfig({
  root: join(import.meta.dirname, '../../../../..'),
  plugins: [markedExpectations()],
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    include: ['packages/conformance/test/wrong-answers/find/find.ts'],
    testTimeout: 3_600_000,
    dangerouslyIgnoreUnhandledErrors: true, // a wrong answer may break whatever is not awaited
  },
})
