import { setTimeout as sleep } from 'node:timers/promises'
import { InboxFullError } from '@hookport/core'
import { GroupCommit } from '@hookport/core/inbox-kit'
import { expect, onTestFinished, test, vi } from 'vitest'

/** The time of a clock that stands, but for what commits take. */
let standingNow = 0

/** Else a machine that is busy would make a quick group slow. */
function standingClock(): void {
  const clock = vi.spyOn(performance, 'now').mockImplementation(() => standingNow)
  onTestFinished(() => clock.mockRestore())
}

/** A store that is a list, with transactions. */
class Notes {
  kept: string[] = []
  /** How many notes each transaction that was committed has written. */
  readonly commits: number[] = []
  rollBacks = 0
  isLocked = false
  /** How often the lock was asked for, and not had. */
  refusals = 0
  /** What commit, and what comes after it, throws. */
  brokenBy: (written: readonly string[]) => Error | undefined = () => undefined
  lostBy: Error | undefined
  /** How long a commit blocks the event loop, in the time of `standingClock`. */
  blocksMs = 0
  #written: string[] | undefined
  readonly group = new GroupCommit({
    begin: () => this.#begin(),
    commit: () => this.#commit(),
    rollBack: () => this.#rollBack(),
    confirm: () => {
      if (this.lostBy) throw this.lostBy
    },
  })

  write(text: string): string {
    if (!this.#written) throw new Error('written outside of a transaction')
    this.#written.push(text)
    return text
  }

  add(text: string, bytes?: number): Promise<string> {
    return this.group.run(() => this.write(text), bytes)
  }

  #begin(): boolean {
    if (this.#written) throw new Error('a transaction within a transaction')
    if (this.isLocked) {
      this.refusals += 1
      return false
    }
    this.#written = []
    return true
  }

  #commit(): void {
    const written = this.#written ?? []
    const error = this.brokenBy(written)
    if (error) throw error
    standingNow += this.blocksMs
    this.kept = [...this.kept, ...written]
    this.commits.push(written.length)
    this.#written = undefined
  }

  #rollBack(): void {
    this.rollBacks += 1
    this.#written = undefined
  }
}

function numbers(count: number): string[] {
  return Array.from({ length: count }, (_, index) => String(index))
}

async function outcomes(promises: readonly Promise<unknown>[]): Promise<unknown[]> {
  const settled = await Promise.allSettled(promises)
  return settled.map((result) => (result.status === 'fulfilled' ? result.value : result.reason))
}

/** A turn of the event loop, after all that has been asked for. */
function aTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

test('what is asked for in one turn of the event loop is one transaction', async () => {
  const notes = new Notes()
  expect(await Promise.all(numbers(200).map((text) => notes.add(text)))).toEqual(numbers(200))
  await aTurn()
  expect(notes.commits).toEqual([200])
})

test('a transaction is bounded: 256 writes, or a megabyte', async () => {
  const notes = new Notes()
  await Promise.all(numbers(600).map((text) => notes.add(text)))
  expect(notes.commits).toEqual([256, 256, 88])
  await Promise.all(numbers(4).map((text) => notes.add(text, 600_000)))
  expect(notes.commits.slice(3)).toEqual([1, 1, 1, 1])
})

test('writes of a megabyte together fit into one transaction, and a larger one has its own', async () => {
  const notes = new Notes()
  const aMegabyte = 1024 * 1024
  await Promise.all([
    notes.add('half', aMegabyte / 2),
    notes.add('other half', aMegabyte / 2),
    notes.add('large', 2 * aMegabyte),
    notes.add('next', 1),
  ])
  expect(notes.commits).toEqual([2, 1, 1])
})

test('no transaction is spent on nothing: not on what is before a write that throws, where that is the first', async () => {
  const notes = new Notes()
  const broken = notes.group.run(() => {
    throw new Error('a bug')
  })
  expect(await outcomes([broken, notes.add('one'), notes.add('two')])).toEqual([
    new Error('a bug'),
    'one',
    'two',
  ])
  await aTurn()
  expect(notes.commits).toEqual([2])
})

test('where a commit fails, its two halves are written, and then what came later', async () => {
  const notes = new Notes()
  notes.brokenBy = (written) => (written.length === 256 ? new Error('too much for one') : undefined)
  await Promise.all(numbers(400).map((text) => notes.add(text)))
  expect(notes.commits).toEqual([128, 128, 144])
})

test('it says whether a transaction is about to begin, which one more write would join', async () => {
  const notes = new Notes()
  expect(notes.group.isScheduled).toBe(false)
  const write = notes.add('one')
  expect(notes.group.isScheduled).toBe(true)
  await write
  expect(notes.group.isScheduled).toBe(false)
})

test('a write that a write asks for joins its transaction', async () => {
  const notes = new Notes()
  let joined: Promise<string> | undefined
  await notes.group.run(() => {
    notes.write('first')
    joined = notes.add('second')
  })
  await joined
  expect(notes.commits).toEqual([2])
  expect(notes.kept).toEqual(['first', 'second'])
})

test('a write that throws anything fails alone: the others are written again without it', async () => {
  const notes = new Notes()
  const bug = new TypeError('Do not know how to serialize a BigInt')
  const writes = numbers(9).map((text) => notes.add(text))
  const broken = notes.group.run(() => {
    notes.write('half')
    throw bug
  })
  const later = ['x', 'y'].map((text) => notes.add(text))
  expect(await outcomes([...writes, broken, ...later])).toEqual([...numbers(9), bug, 'x', 'y'])
  expect(notes.kept).toEqual([...numbers(9), 'x', 'y'])
})

test('each write is done at most twice, however many others fail', async () => {
  const notes = new Notes()
  const tries = new Map<string, number>()
  const writes = numbers(200).map((text) =>
    notes.group.run(() => {
      tries.set(text, (tries.get(text) ?? 0) + 1)
      if (Number(text) % 20 === 19) throw new Error(text)
      return notes.write(text)
    }),
  )
  const failed = (await Promise.allSettled(writes)).filter(({ status }) => status === 'rejected')
  expect(failed).toHaveLength(10)
  expect(notes.kept).toHaveLength(190)
  expect(Math.max(...tries.values())).toBe(2)
})

test('a refusal costs the others nothing', async () => {
  const notes = new Notes()
  const refusal = new InboxFullError('no room')
  const writes = [
    notes.add('first'),
    notes.group.run(() => {
      throw refusal
    }),
    notes.add('third'),
  ]
  expect(await outcomes(writes)).toEqual(['first', refusal, 'third'])
  expect([notes.commits, notes.rollBacks]).toEqual([[2], 0])
})

test('a commit that fails is tried in halves, until it is known who can not be stored', async () => {
  const notes = new Notes()
  const full = new Error('full')
  notes.brokenBy = (written) => (written.some((text) => ['3', '60'].includes(text)) ? full : undefined)
  const results = await outcomes(numbers(100).map((text) => notes.add(text)))
  expect(results).toEqual(numbers(100).map((text) => (['3', '60'].includes(text) ? full : text)))
  expect(notes.kept).toEqual(numbers(100).filter((text) => !['3', '60'].includes(text)))
})

test('what was committed and can not be counted on fails everyone, and is not written again', async () => {
  const notes = new Notes()
  notes.lostBy = new Error('the file has no name any more')
  expect(await outcomes([notes.add('one'), notes.add('two')])).toEqual([notes.lostBy, notes.lostBy])
  expect(notes.commits).toEqual([2])
  notes.lostBy = undefined
  expect(await notes.add('three')).toBe('three')
})

test('a transaction that can not begin fails what waits, and not what comes later', async () => {
  let error: Error | undefined = new Error('newer')
  const sizes: number[] = []
  let size = 0
  const group = new GroupCommit({
    begin() {
      if (error) throw error
      size = 0
      return true
    },
    commit: () => sizes.push(size),
    rollBack() {},
  })
  const write = () => {
    size += 1
    return size
  }
  await expect(group.run(write)).rejects.toBe(error)
  error = undefined
  await aTurn()
  await Promise.all(numbers(300).map(() => group.run(write)))
  expect(sizes).toEqual([256, 44])
})

test('while another has the lock the event loop goes on, and the write waits its turn', async () => {
  const notes = new Notes()
  notes.isLocked = true
  let isWritten = false
  const write = notes.add('late').then(() => {
    isWritten = true
  })
  while (notes.refusals < 3) await aTurn()
  expect(isWritten).toBe(false)
  notes.isLocked = false
  await write
  expect(notes.kept).toEqual(['late'])
})

test.each([
  [0, 0.5],
  [1, 5],
])(
  'a lock is asked for again after a random pause: of half a millisecond to five',
  async (chance, pauseMs) => {
    const notes = new Notes()
    notes.isLocked = true
    const random = vi.spyOn(Math, 'random').mockReturnValue(chance)
    const timers = vi.spyOn(globalThis, 'setTimeout')
    onTestFinished(() => {
      random.mockRestore()
      timers.mockRestore()
    })
    const write = notes.add('late')
    while (notes.refusals < 2) await aTurn()
    notes.isLocked = false
    await write
    expect(timers.mock.calls[0]?.[1]).toBe(pauseMs)
  },
)

test('a lock that is never let go fails what waits, and says so', async () => {
  const notes = new Notes()
  notes.isLocked = true
  const reasons = await outcomes([notes.add('one'), notes.add('two')])
  for (const reason of reasons) expect(String(reason)).toMatch(/another process has held the write lock/)
  const next = notes.add('three') // which waits as long as they have
  setTimeout(() => {
    notes.isLocked = false
  }, 50)
  expect(await next).toBe('three')
})

test('a write that had to wait for longer than it may is not written, and tells so; what may wait is', async () => {
  const notes = new Notes()
  notes.isLocked = true
  const late = notes.group.run(() => notes.write('put'), 0, 50)
  const verdict = notes.add('verdict')
  await expect(late).rejects.toThrow('the store did not get to it within 50 ms')
  notes.isLocked = false
  await verdict
  expect(notes.kept).toEqual(['verdict'])
})

test('the wait for a lock begins anew where nobody is left who waits', async () => {
  const notes = new Notes()
  notes.isLocked = true
  await expect(notes.group.run(() => notes.write('put'), 0, 50)).rejects.toThrow('did not get to it')
  await sleep(2_100)
  const next = notes.add('next')
  await aTurn()
  notes.isLocked = false
  expect(await next).toBe('next')
})

test.each([
  ['a part of that time', 200, 50],
  ['half a second at most', 60_000, 500],
])(
  'a group that blocks the event loop for long lets it go on for %s before the next: else connections would wait for as many groups',
  async (_, blocksMs, restMs) => {
    standingClock()
    const notes = new Notes()
    notes.blocksMs = blocksMs
    await notes.add('slow')
    notes.blocksMs = 0
    const startedAt = Date.now()
    await Promise.all(['one', 'two'].map((text) => sleep(5).then(() => notes.add(text))))
    expect(Date.now() - startedAt).toBeGreaterThan(restMs - 5)
    expect(Date.now() - startedAt).toBeLessThan(restMs + 10_000)
    expect(notes.commits).toEqual([1, 2])
  },
)

test('a group that is quick does not: the next begins in the next turn', async () => {
  standingClock()
  const notes = new Notes()
  notes.blocksMs = 10
  await notes.add('quick')
  void notes.add('next')
  await aTurn()
  expect(notes.commits).toEqual([1, 1])
})

test('drained resolves at once where nothing was asked for', async () => {
  await new Notes().group.drained()
})

test('drained waits for all that was asked for', async () => {
  const notes = new Notes()
  for (const text of numbers(300)) void notes.add(text)
  await notes.group.drained()
  expect(notes.kept).toHaveLength(300)
})

test.each(['begin', 'write', 'commit', 'confirm'] as const)(
  'a store puts what %s throws in words of its own; a refusal that was written stays as it is',
  async (broken) => {
    const fail = (step: string) => {
      if (step === broken) throw new Error('SQLITE_FULL')
    }
    const group = new GroupCommit({
      begin: () => {
        fail('begin')
        return true
      },
      commit: () => fail('commit'),
      rollBack() {},
      confirm: () => fail('confirm'),
      explain: (error) => new Error('the disk is full', { cause: error }),
    })
    const told = group.run(() => fail('write'))
    const refused = group.run(() => {
      throw new InboxFullError('no room')
    })
    await expect(told).rejects.toThrow('the disk is full')
    await expect(refused).rejects.toThrow(broken === 'write' ? 'no room' : 'the disk is full')
  },
)

test('where the words of the store can not be had, a write fails with its own error, and later ones are written', async () => {
  let isBroken = true
  const group = new GroupCommit({
    begin: () => true,
    commit() {
      if (isBroken) throw new Error('SQLITE_FULL')
    },
    rollBack() {},
    explain() {
      throw new Error('no words')
    },
  })
  await expect(group.run(() => 1)).rejects.toThrow('SQLITE_FULL')
  isBroken = false
  expect(await group.run(() => 2)).toBe(2)
})

test('a time that a test moves makes no write late', async () => {
  const notes = new Notes()
  vi.useFakeTimers()
  onTestFinished(() => void vi.useRealTimers())
  const put = notes.group.run(() => notes.write('put'), 0, 60_000)
  vi.advanceTimersByTime(600_000)
  expect(await put).toBe('put')
})
