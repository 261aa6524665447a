import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, test } from 'vitest'
import { kept } from '../support/kept-payloads.ts'

const mebibyte = 1024 * 1024

/** JSON of about so many bytes, each of another form. */
const forms: Record<string, (bytes: number) => string> = {
  numbers: (bytes) => `[${'0.5,'.repeat(bytes / 4)}1]`,
  'numbers among others': (bytes) => `[${'0.5,'.repeat(bytes / 4)}null]`,
  texts: (bytes) => `[${'"ab",'.repeat(bytes / 5)}1]`,
  'texts beyond one byte': (bytes) => `[${'"жж",'.repeat(bytes / 7)}1]`,
  'one long text': (bytes) => `{"note":"${'ж'.repeat(bytes / 2)}"}`,
  'empty arrays': (bytes) => `[${'[],'.repeat(bytes / 3)}1]`,
  'empty objects': (bytes) => `[${'{},'.repeat(bytes / 3)}1]`,
  'arrays in arrays': (bytes) => `[${`${'['.repeat(50)}${']'.repeat(50)},`.repeat(bytes / 101)}1]`,
  names: (bytes) =>
    JSON.stringify(Object.fromEntries(Array.from({ length: bytes / 8 }, (_, i) => [i.toString(36), 1]))),
  objects: (bytes) => `[${'{"a":0.5,"b":{}},'.repeat(bytes / 17)}1]`,
  'objects that share no name': (bytes) =>
    JSON.stringify(Array.from({ length: bytes / 12 }, (_, i) => ({ [i.toString(36)]: 0.5 }))),
}

/** What a value takes up, in bytes. */
function memoryOf(make: () => unknown): number {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  collect()
  const before = process.memoryUsage().heapUsed
  const made = make()
  collect()
  const after = process.memoryUsage().heapUsed
  expect(made).toBeDefined()
  return after - before
}

test.each(Object.entries(forms))(
  'what is kept parsed takes up at most 64 MiB of memory: %s',
  { timeout: 60_000 },
  (_, form) => {
    for (const size of [32 * 1024, mebibyte / 8]) {
      const body = form(size)
      const howMany = kept(body, 130).filter(Boolean).length
      expect(howMany).toBeGreaterThan(4)
      expect(memoryOf(() => JSON.parse(body)) * howMany).toBeLessThan(64 * mebibyte)
    }
  },
)
