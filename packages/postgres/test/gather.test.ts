import { expect, onTestFinished, test, vi } from 'vitest'
import { Gather } from '../src/connection/gather.ts'

class Refused extends Error {
  readonly code: string
  constructor(code: string) {
    super('refused')
    this.code = code
  }
}

/** A statement that answers each of its items, unless one of them is bad. */
function statements(code: string) {
  const sizes: number[] = []
  const gather = new Gather<string, string>(async (items) => {
    sizes.push(items.length)
    if (items.includes('bad')) throw new Refused(code)
    return items.map((item) => `${item} stored`)
  })
  return { gather, sizes }
}

const items = ['a', 'b', 'bad', 'c', 'd']

test('what the server can not store fails alone: those that were asked with it are stored', async () => {
  const { gather } = statements('22021')
  const ends = await Promise.allSettled(items.map((item) => gather.add(item)))
  expect(ends.map(({ status }) => status)).toEqual([
    'fulfilled',
    'fulfilled',
    'rejected',
    'fulfilled',
    'fulfilled',
  ])
})

test('a statement has at most a mebibyte of items, or one that is larger', async () => {
  const { gather, sizes } = statements('22021')
  const half = 512 * 1024
  await Promise.all([half, half, 1, 3 * half, 1].map((bytes, index) => gather.add(`${index}`, bytes)))
  expect(sizes).toEqual([2, 2, 1])
})

test('what is of one line is sent in its order, however much there is: what follows waits for the end of what is before it, and others do not', async () => {
  const sent: { items: readonly string[]; end(): void }[] = []
  const send = (items: readonly string[]) =>
    new Promise<readonly string[]>((resolve) => {
      sent.push({ items, end: () => resolve(items) })
    })
  const gather = new Gather<string, string>(send, { lineOf: (item) => item[0] })
  const turns = async () => {
    for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve))
  }
  const many = Array.from({ length: 130 }, (_, index) => `a${index}`)
  const ends = Promise.all([...many, 'b0', 'c0'].map((item) => gather.add(item)))
  await turns()
  expect(sent.map(({ items }) => items.length)).toEqual([128, 2])
  expect(sent[1]?.items).toEqual(['b0', 'c0'])
  sent[0]?.end()
  await turns()
  expect(sent[2]?.items).toEqual(['a128', 'a129'])
  for (const one of sent) one.end()
  await ends
})

test('what does not fit holds back what follows it in its line', async () => {
  const sent: (readonly string[])[] = []
  const send = async (items: readonly string[]) => {
    sent.push(items)
    return items
  }
  const gather = new Gather<string, string>(send, { lineOf: (item) => item[0], mostUnderWay: 1 })
  const mebibyte = 1024 * 1024
  await Promise.all([
    gather.add('b0', 1),
    gather.add('a0', mebibyte),
    gather.add('a1', 1),
    gather.add('b1', 1),
  ])
  expect(sent).toEqual([['b0', 'b1'], ['a0'], ['a1']])
})

test('where the server fails, nothing is sent again in parts', async () => {
  const { gather, sizes } = statements('53100')
  const ends = await Promise.allSettled(items.map((item) => gather.add(item)))
  expect(ends.every(({ status }) => status === 'rejected')).toBe(true)
  expect(sizes).toEqual([5])
})

test('a statement is sent though a test has faked the timers', async () => {
  vi.useFakeTimers()
  onTestFinished(() => void vi.useRealTimers())
  const { gather } = statements('22021')
  expect(await gather.add('a')).toBe('a stored')
})

test('what has stood in line for too long is not sent: those that come later are, though they come without a pause', async () => {
  vi.useFakeTimers({ toFake: ['performance'] })
  onTestFinished(() => void vi.useRealTimers())
  const sent: string[] = []
  let answer = () => {}
  const send = async (items: readonly string[]) => {
    sent.push(...items)
    await new Promise<void>((resolve) => (answer = resolve))
    return items
  }
  const gather = new Gather<string, string>(send, { mostUnderWay: 1, mostWaitMs: 2_000 })
  const turn = () => new Promise((resolve) => setImmediate(resolve))
  const first = gather.add('first')
  await turn()
  const early = gather.add('early').catch(({ message }) => message)
  vi.advanceTimersByTime(2_001)
  const late = gather.add('late')
  answer()
  await turn()
  await turn()
  answer()
  expect(await Promise.all([first, early, late])).toEqual([
    'first',
    'postgresInbox: the database did not get to it within 2000 ms',
    'late',
  ])
  expect(sent).toEqual(['first', 'late'])
})

test('what has stood in line for too long behind a statement that failed rejects with what that has failed of', async () => {
  vi.useFakeTimers({ toFake: ['performance'] })
  onTestFinished(() => void vi.useRealTimers())
  let fail = (_: Error) => {}
  const send = () => new Promise<string[]>((_, reject) => (fail = reject))
  const gather = new Gather<string, string>(send, { mostUnderWay: 1, mostWaitMs: 2_000 })
  const messageOf = (item: string) => gather.add(item).catch(({ message }) => message)
  const first = messageOf('first')
  await new Promise((resolve) => setImmediate(resolve))
  const second = messageOf('second')
  vi.advanceTimersByTime(2_001)
  fail(new Error('connect ECONNREFUSED'))
  expect(await Promise.all([first, second])).toEqual(['connect ECONNREFUSED', 'connect ECONNREFUSED'])
})
