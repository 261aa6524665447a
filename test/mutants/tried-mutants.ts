/** A mutant that was tried, as Stryker tells of it. */
export interface TriedMutant {
  readonly fileName: string
  readonly location: { readonly start: { readonly line: number; readonly column: number } }
  readonly mutatorName: string
  readonly replacement?: string
  readonly status: string
}

/** All that were tried so far. Also where the run is cut off before its end. */
export const tried: TriedMutant[] = []

/** Loaded by Stryker as a plugin, into the same process. */
export const strykerPlugins = [
  {
    kind: 'Reporter',
    name: 'tried-mutants',
    value: {
      onMutantTested(mutant: TriedMutant) {
        tried.push(mutant)
      },
    },
  },
]
