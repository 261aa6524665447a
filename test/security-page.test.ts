import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const root = join(import.meta.dirname, '..')

test('SECURITY.md shows what npm run constant-time prints, with as many samples, and no difference', async () => {
  const page = await readFile(join(root, 'SECURITY.md'), 'utf8')
  const script = await readFile(join(root, 'bench/constant-time.ts'), 'utf8')
  const [, samples = ''] = /process\.argv\[2\] \?\? ([\d_]+)/.exec(script) ?? []
  const shown =
    /^(\d+) samples of each, interleaved; \|t\| under 4\.5 is no difference\nverifySignature: +t = (-?[\d.]+) of the quickest 90%, .*\na comparison that stops: +t = (-?[\d.]+) of the quickest 90%, .*$/m.exec(
      page,
    )
  expect(shown?.[1]).toBe(samples.replaceAll('_', ''))
  expect(Math.abs(Number(shown?.[2]))).toBeLessThan(4.5)
  expect(Math.abs(Number(shown?.[3]))).toBeGreaterThan(4.5)
})
