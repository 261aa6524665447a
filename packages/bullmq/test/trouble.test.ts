import { ReplyError } from 'ioredis'
import { expect, test } from 'vitest'
import { isConnectionLost, isNotWritable, isUnknownFlag, readFailure } from '../src/redis/trouble.ts'

test.each([
  "READONLY You can't write against a read only replica.",
  'LOADING Redis is loading the dataset in memory',
  "MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'.",
  'CLUSTERDOWN The cluster is down',
  'NOREPLICAS Not enough good replicas to write.',
  'UNBLOCKED force unblock from blocking operation, instance state changed (master -> replica?)',
  'TRYAGAIN Multiple keys request during rehashing of slot',
  "ERR Error running script (call to f_1): @user_script:1: -READONLY You can't write against a read only replica.",
])('Redis can not be written to: %s', (message) => {
  expect(isNotWritable(new Error(message))).toBe(true)
  expect(() => readFailure(message)).toThrow(message)
})

test.each(['ERR no such key', 'WRONGTYPE of a key named READONLY', 'READONLYX', 'ERR READONLY'])(
  'an error that does not say so is of one step alone: %s',
  (message) => {
    expect(isNotWritable(new Error(message))).toBe(false)
    expect(readFailure(message)).toEqual(new Error(message))
  },
)

test('what is no error says nothing', () => {
  expect(
    [isNotWritable, isConnectionLost, isUnknownFlag].map((is) => is('READONLY compiling script')),
  ).toEqual(Array(3).fill(false))
})

test('an answer of Redis is no lost connection, however a bundler has renamed the class of its errors, or whichever copy of ioredis made it', () => {
  const renamed = class a extends ReplyError {}
  const ofAnotherCopy = Object.assign(new Error('OOM'), { name: 'ReplyError' })
  expect([new ReplyError(), new renamed(), ofAnotherCopy].map(isConnectionLost)).toEqual([
    false,
    false,
    false,
  ])
  expect(isConnectionLost(new Error('Connection is closed.'))).toBe(true)
})
