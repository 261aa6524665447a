import type { Scope, WrongAnswer } from './wrong-answers.ts'

/** A wrong answer as it is kept: its source, which answer or after which move, which variant, and how long, unless it is one answer. */
export type Entry = [source: string, call: number, variant: number, scope?: Scope]

/** By the id of the test that refuses them. */
export type Known = Readonly<Record<string, readonly Entry[]>>

export function toEntry({ source, call, variant, scope }: WrongAnswer): Entry {
  return scope === 'once' ? [source, call, variant] : [source, call, variant, scope]
}

export function fromEntry([source, call, variant, scope = 'once']: Entry): WrongAnswer {
  return { source, call, variant, scope }
}
