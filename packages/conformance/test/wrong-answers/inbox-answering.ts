import type { Inbox, Notes, Work } from '@hookport/core'
import { Turns } from './turns.ts'
import type { Answers } from './wrong-answers.ts'

/** What a method answers that has changed something. */
const changed: Record<string, unknown> = {
  put: { outcome: 'accepted' },
  confirm: true,
  release: true,
  bury: true,
  park: true,
  renew: true,
  redrive: true,
  replay: true,
  discard: true,
  'notes.write': true,
  close: undefined,
}

/** What does something to an inbox. */
const moves = new Set([...Object.keys(changed), 'claim', 'consume'])

/** Inboxes over one store, whose answers go through `answers`. */
export function inboxesAnswering(answers: Answers): (inbox: Inbox) => Inbox {
  const turns = new Turns(answers)
  return (inbox) => {
    answers.atEnd(() => void inbox.close().catch(() => {})) // a wrong answer may be that it was closed
    return new Proxy(inbox, {
      get(target, name) {
        const value: unknown = Reflect.get(target, name)
        if (typeof name === 'symbol' || name === 'then') return value
        if (name === 'consume') return consuming(target, turns, answers)
        if (name === 'notes') return notesAnswering(value as Notes, answers)
        if (typeof value !== 'function') return answers.of(name, value)
        return moving(name, method(name, value.bind(target), answers), turns, answers)
      },
    })
  }
}

function consuming(inbox: Inbox, turns: Turns, answers: Answers): Inbox['consume'] {
  return (work: Work, options) => {
    answers.move()
    return turns.consumer(inbox, work, options)
  }
}

function moving(name: string, ask: (...given: unknown[]) => unknown, turns: Turns, answers: Answers) {
  return (...given: unknown[]) => {
    if (moves.has(name)) answers.move()
    if (name === 'put') turns.remember(given[0])
    return ask(...given)
  }
}

function notesAnswering(notes: Notes, answers: Answers): Notes | undefined {
  if (answers.isOtherwise('notes')) return undefined
  return new Proxy(notes, {
    get: (target, name) =>
      method(`notes.${String(name)}`, (Reflect.get(target, name) as () => unknown).bind(target), answers),
  })
}

function method(source: string, ask: (...given: unknown[]) => unknown, answers: Answers) {
  const failed = (error: unknown) => {
    const other = answers.errorOf(`${source} failed`, error)
    if (other !== undefined) throw other
  }
  return (...given: unknown[]) => {
    if (source in changed && answers.isOtherwise(`${source} not done`))
      return Promise.resolve(changed[source])
    const about = keyOf(given[0])
    try {
      const answer = ask(...given.map((one, at) => answers.of(`${source} given ${at}`, one)))
      if (source === 'close' && !answers.isOtherwise('another promise')) return answer
      if (answer instanceof Promise) return answer.then((right) => answers.of(source, right, about), failed)
      return answers.of(source, answer, about)
    } catch (error) {
      return failed(error)
    }
  }
}

/** The key of an event, or a filter. */
function keyOf(asked: unknown): string | undefined {
  if (typeof asked === 'string') return asked.slice(0, 80)
  if (typeof asked !== 'object' || asked === null) return undefined
  const { key = JSON.stringify(asked) } = asked as { key?: unknown }
  return typeof key === 'string' && key.length > 2 ? key.slice(0, 80) : 'all'
}
