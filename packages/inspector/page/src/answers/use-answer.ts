import { useEffect, useRef, useState } from 'preact/hooks'
import { ask } from './server.ts'

export interface Answered<Answer> {
  readonly answer: Answer | undefined
  readonly error: Error | undefined
  readonly isLoading: boolean
  /** Whether the answer is still the one to the question before. */
  readonly isOfBefore: boolean
}

interface Kept<Answer> extends Omit<Answered<Answer>, 'isOfBefore'> {
  /** The question that the answer is to. */
  readonly question?: string
}

type Change<Answer> = (changed: (before: Kept<Answer>) => Kept<Answer>) => void

/** What the server answers, and again whenever the question or `version` is another. Until then the last answer to the same name stays. */
export function useAnswer<Answer>(
  name: string,
  query: Readonly<Record<string, string>> | undefined,
  version: unknown,
): Answered<Answer> {
  const [answered, setAnswered] = useState<Kept<Answer>>({
    answer: undefined,
    error: undefined,
    isLoading: true,
  })
  const question = JSON.stringify(query)
  const asked = useRef<Question | undefined>(undefined)
  useEffect(() => {
    if (query === undefined) return
    const one = new Question((signal) => answer(name, query, signal, setAnswered))
    asked.current = one
    return () => {
      one.leave()
      asked.current = undefined
    }
  }, [name, question])
  useEffect(() => asked.current?.again(), [name, question, version])
  return { ...answered, isOfBefore: answered.question !== question }
}

/** A question that is asked again and again, one at a time: on a store that is slow and busy, each would otherwise be given up for the next one. */
class Question {
  readonly #ask: (signal: AbortSignal) => Promise<void>
  readonly #leaving = new AbortController()
  #isAsking = false
  #isWanted = false

  constructor(ask: (signal: AbortSignal) => Promise<void>) {
    this.#ask = ask
  }

  again(): void {
    this.#isWanted = true
    if (!this.#isAsking) void this.#run()
  }

  leave(): void {
    this.#leaving.abort()
  }

  async #run(): Promise<void> {
    const { signal } = this.#leaving
    this.#isAsking = true
    while (this.#isWanted && !signal.aborted) {
      this.#isWanted = false
      await this.#ask(signal)
    }
    this.#isAsking = false
  }
}

/** Never rejects. */
async function answer<Answer>(
  name: string,
  query: Readonly<Record<string, string>>,
  signal: AbortSignal,
  change: Change<Answer>,
): Promise<void> {
  change((before) => ({ ...before, isLoading: true }))
  try {
    const answer = await ask<Answer>(name, query, signal)
    const question = JSON.stringify(query)
    if (!signal.aborted) change(() => ({ answer, question, error: undefined, isLoading: false }))
  } catch (error) {
    if (!signal.aborted) change((before) => ({ ...before, error: error as Error, isLoading: false }))
  }
}
