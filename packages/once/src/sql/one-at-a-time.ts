import type { Awaitable } from '../awaitable.ts'

/** Runs the given work when it is its turn. */
export type Line = <Result>(work: () => Awaitable<Result>) => Awaitable<Result>

/** For clients on which nothing needs to wait for its turn. */
export const noLine: Line = (work) => work()

/** Shared by the whole process: two copies of this package may use one client. */
const place = Symbol.for('@hookport/once.lines')
const holder = globalThis as { [place]?: WeakMap<object, Line> }
holder[place] ??= new WeakMap()
const lines = holder[place]

/** The line of a client: its work is run one at a time, whoever asks for it. */
export function lineOf(client: object): Line {
  const known = lines.get(client)
  if (known) return known
  const line = newLine()
  lines.set(client, line)
  return line
}

function newLine(): Line {
  let last: Promise<unknown> = Promise.resolve()
  return (work) => {
    const result = last.then(work)
    last = result.catch(() => {})
    return result
  }
}
