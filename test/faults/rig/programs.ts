import type { FleetOptions } from './fleet.ts'

/** The members as they stand in this repository, on the sources of the packages. */
export const fromSources: Pick<FleetOptions, 'program' | 'nodeArguments'> = {
  program: import.meta.dirname,
  nodeArguments: ['--conditions=@hookport/source'],
}
