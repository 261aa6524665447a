import type { WrongAnswer } from './wrong-answers.ts'

/** A wrong answer as it is kept: its source, which answer, which variant, and 1 where later ones are wrong, too. */
export type Entry = [source: string, call: number, variant: number, onwards?: number]

/** By the id of the test that refuses them. */
export type Known = Readonly<Record<string, readonly Entry[]>>

export function toEntry({ source, call, variant, onwards }: WrongAnswer): Entry {
  return onwards ? [source, call, variant, 1] : [source, call, variant]
}

export function fromEntry([source, call, variant, onwards]: Entry): WrongAnswer {
  return { source, call, variant, onwards: onwards === 1 }
}
