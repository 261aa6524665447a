import { providersByName } from '@hookport/providers/by-name'
import { expect, test } from 'vitest'
import { page } from './support/worked-definition.ts'

const units: Record<string, number> = { s: 1000, min: 60_000, h: 3600_000, days: 24 * 3600_000 }

/** The cells of the table's rows by the name in the first. */
const rows = new Map(
  [...page.matchAll(/^\| `([a-z-]+)` *\|(.*)\|$/gm)].map(([, name = '', cells = '']) => [
    name,
    cells.split('|').map((cell) => cell.trim()),
  ]),
)

/** Milliseconds that a text such as `25 h 6 min` stands for. */
function readDuration(text: string): number {
  const parts = [...text.matchAll(/([\d.]+) (s|min|h|days)\b/g)]
  return parts.reduce((sum, [, count, unit = '']) => sum + Number(count) * (units[unit] ?? Number.NaN), 0)
}

test('the table names every provider, and no other', () => {
  expect([...rows.keys()].sort()).toEqual(Object.keys(providersByName).sort())
})

test.each(Object.entries(providersByName))(
  '%s: the header and the horizon of the table are those of the definition, and the number has its source',
  (name, make) => {
    const { signatureHeaders, retryHorizon } = make({ allowUnsigned: true })
    const [verifies = '', , , horizon = '', source = ''] = rows.get(name) ?? []
    expect(verifies.toLowerCase()).toContain(signatureHeaders[0])
    expect(readDuration(horizon)).toBe(retryHorizon)
    expect(source).toMatch(/https:|^its (?:documentation|sender)/)
  },
)
