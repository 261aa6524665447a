import { useEffect, useState } from 'preact/hooks'
import { ask } from './server.ts'

export interface Answered<Answer> {
  readonly answer: Answer | undefined
  readonly error: Error | undefined
  readonly isLoading: boolean
}

/** What the server answers, and again whenever the question or `version` is another. Until then the last answer to the same name stays. */
export function useAnswer<Answer>(
  name: string,
  query: Readonly<Record<string, string>> | undefined,
  version: unknown,
): Answered<Answer> {
  const [answered, setAnswered] = useState<Answered<Answer>>({
    answer: undefined,
    error: undefined,
    isLoading: true,
  })
  const question = JSON.stringify(query)
  useEffect(() => {
    if (query === undefined) return
    const leaving = new AbortController()
    setAnswered((before) => ({ ...before, isLoading: true }))
    ask<Answer>(name, query, leaving.signal).then(
      (answer) => setAnswered({ answer, error: undefined, isLoading: false }),
      (error) => {
        if (!leaving.signal.aborted) setAnswered((before) => ({ ...before, error, isLoading: false }))
      },
    )
    return () => leaving.abort()
  }, [name, question, version])
  return answered
}
