import type { FunctionCallback, FunctionMetadata, ProgrammingModel } from '@azure/functions-core'

/** What the library `@azure/functions` asks of the worker that it runs in, by the name of `@azure/functions-core`. */
export const registered: { metadata: FunctionMetadata; handler: FunctionCallback }[] = []
export let model: ProgrammingModel | undefined
export const version = '3.12.0'

export function registerFunction(metadata: FunctionMetadata, handler: FunctionCallback): void {
  registered.push({ metadata, handler })
}

export function setProgrammingModel(programmingModel: ProgrammingModel): void {
  model = programmingModel
}

export function log(): void {}
