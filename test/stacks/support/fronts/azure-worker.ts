/** Of a function, what it is bound to: `httpTrigger` among others, with its route and methods. */
interface FunctionMetadata {
  readonly name: string
  readonly bindings: Readonly<
    Record<string, { readonly type: string; readonly route?: string; readonly methods?: readonly string[] }>
  >
}

type FunctionCallback = (...inputs: unknown[]) => unknown

/** What takes part in each call of a function: the library's. */
interface ProgrammingModel {
  getInvocationModel(call: object): {
    getArguments(): Promise<{ context: unknown; inputs: unknown[] }>
    invokeFunction(context: unknown, inputs: unknown[], handler: FunctionCallback): Promise<unknown>
    getResponse(context: unknown, result: unknown): Promise<{ returnValue?: unknown }>
  }
}

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
