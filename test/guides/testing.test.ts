import { expect, test } from 'vitest'
import { printed, snippetsOf } from './snippets.ts'

test('the tests of the guide pass as they stand there', async () => {
  const [tests = ''] = snippetsOf('testing.md')
  const report = await printed(tests, { flags: ['--test', '--test-reporter=tap'] })
  expect(report).toContain('# pass 3\n')
  expect(report).toContain('# fail 0\n')
})

test('what the guide says of a key pair holds', async () => {
  const [, keyPair = ''] = snippetsOf('testing.md')
  const shown = keyPair.replace('await deliver(', 'console.log(await deliver(').replace(/\)\n$/, '))\n')
  expect(await printed(`${shown}await receiver.stop()`)).toContain("outcome: 'accepted'")
})

test('through supertest the delivery of the guide is taken on', async () => {
  const [, , supertest = ''] = snippetsOf('testing.md')
  expect(supertest).toContain('serialize')
  await printed(supertest) // throws for any other status than 200
})
