/** The part of the Standard Schema interface (https://standardschema.dev, version 1) that hookport calls. Schemas of zod, Valibot, ArkType and others satisfy it. */
export interface StandardSchema<Input = unknown, Output = Input> {
  readonly '~standard': {
    readonly version: 1
    readonly vendor: string
    /** Answers the validated value, or the issues found. */
    readonly validate: (value: unknown) => SchemaResult<Output> | Promise<SchemaResult<Output>>
    readonly types?: { readonly input: Input; readonly output: Output } | undefined
  }
}

type SchemaResult<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | { readonly issues: ReadonlyArray<SchemaIssue> }

interface SchemaIssue {
  readonly message: string
  readonly path?: ReadonlyArray<PropertyKey | { readonly key: PropertyKey }> | undefined
}

/** The type of a schema's output. */
export type SchemaOutput<Schema> = Schema extends StandardSchema<infer _Input, infer Output> ? Output : never

/** More than anybody reads. A list of the wrong type has one for each of its items, and all of them would be many times longer than the body. */
const mostIssues = 20

/** `result.best_fitness: expected number; result.evaluations: expected number; and 3 more` */
export function describeIssues(issues: readonly SchemaIssue[]): string {
  const described = issues.slice(0, mostIssues).map(describeIssue)
  const more = issues.length > mostIssues ? [`and ${issues.length - mostIssues} more`] : []
  return [...described, ...more].join('; ')
}

function describeIssue({ path = [], message }: SchemaIssue): string {
  const names = path.map((segment) => String(typeof segment === 'object' ? segment.key : segment))
  return names.length === 0 ? message : `${names.join('.')}: ${message}`
}
