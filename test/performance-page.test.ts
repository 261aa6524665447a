import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { render, resultsPath } from '../bench/report/page.ts'
import { withFigures } from '../bench/report/scale.ts'

const resultsText = await readFile(resultsPath, 'utf8')

test('docs/performance.md says what was measured, and nothing else', async () => {
  const page = await readFile(join(import.meta.dirname, '../docs/performance.md'), 'utf8')
  expect(page).toBe(render(JSON.parse(resultsText)))
})

test('the figures of docs/scale.md are those that were measured, and none stands in its text', async () => {
  const page = await readFile(join(import.meta.dirname, '../docs/scale.md'), 'utf8')
  expect(page).toBe(withFigures(page, JSON.parse(resultsText)))
  const byPeople = withFigures(page, { ...JSON.parse(resultsText), growthCosts: [] })
  expect(byPeople).not.toMatch(/\d(\.\d+)? ?(µs|ms|×|MiB|events)/)
})

test('the reasons of what falls short speak of the run, not of an earlier one', () => {
  const results = JSON.parse(resultsText)
  const [byHand, ours] = results.suites.find(({ name }: { name: string }) => name === 'fastify').contenders
  ours.requestsPerSecond = byHand.requestsPerSecond
  const page = render(results)
  expect(page).toContain('would be 50% of what hookport can')
})
