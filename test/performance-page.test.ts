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

test('the README says what a delivery costs as it was measured', async () => {
  const readme = await readFile(join(import.meta.dirname, '../README.md'), 'utf8')
  const { suites } = JSON.parse(resultsText)
  const more = (name: string) => {
    const { contenders } = suites.find((suite: { name: string }) => suite.name === name)
    return 1 / contenders.at(-1).cpuRatio.ratio - 1
  }
  expect(readme).toContain('On Express it takes a fifth more')
  expect(Math.abs(more('express') - 1 / 5)).toBeLessThan(0.03)
  expect(readme).toContain('it takes between half and two thirds more')
  for (const name of ['fastify', 'node', 'web']) {
    expect(more(name)).toBeGreaterThan(0.45)
    expect(more(name)).toBeLessThan(0.7)
  }
  expect(readme).toContain('it takes a quarter less than `queue.add`')
  expect(Math.abs(more('bullmq') + 1 / 4)).toBeLessThan(0.03)
})
