import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { afterAll, expect, test } from 'vitest'
import { Contender } from '../../bench/load/contender.ts'
import { end, startPinned } from '../../bench/load/pinned-process.ts'
import { render, resultsPath } from '../../bench/report/page.ts'

const load = startPinned(1, 'load/load-worker.ts')
afterAll(() => end(load))

test('a server that only accepts, and keeps nothing, fails the run of the benchmark', async () => {
  const contender = await Contender.start({
    name: 'quick and wrong',
    script: '../test/bench/keeps-nothing.ts',
    handles: false,
  })
  try {
    await contender.measure(load, 50)
    await expect(contender.assertKept()).rejects.toThrow(/quick and wrong was sent \d+ events and holds 0/)
  } finally {
    await contender.stop()
  }
})

test.for([
  ['rounds that are no number', ['--rounds', 'many'], '--rounds is many'],
  ['earlier results that are not there', ['--from', '/nowhere.json'], '/nowhere.json'],
  ['a folder that is not there', ['--json', '/nowhere/results.json'], "can't write into /nowhere"],
  ['a page of one suite', ['--page'], 'The page shows everything'],
] as const)('the benchmark refuses %s before it measures', async ([, options, reason]) => {
  const flags = ['--conditions=@hookport/source', '--expose-gc', '--no-warnings', 'bench/main.ts']
  const run = promisify(execFile)(process.execPath, [...flags, 'express', ...options])
  const { code, stderr, stdout } = await run.catch((error) => error)
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
  expect(stderr).toContain(reason)
})

test('a page can be made of results without some suites', async () => {
  const { default: results } = await import(resultsPath, { with: { type: 'json' } })
  const suites = results.suites.filter(({ name }: { name: string }) => name === 'express' || name === 'node')
  expect(render({ ...results, suites })).toContain(
    'The load is half of what the slowest of a table can take. The',
  )
})
