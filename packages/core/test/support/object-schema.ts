import type { StandardSchema } from '@hookport/core'

type TypeName = 'number' | 'string'

/** A Standard Schema made by hand: an object whose named fields have these types. Other fields pass. */
export function objectWith<Data extends object>(fields: Record<keyof Data & string, TypeName>) {
  const schema: StandardSchema<Data> = {
    '~standard': {
      version: 1,
      vendor: 'hand-made',
      validate(value) {
        const given: Record<string, unknown> = Object(value)
        const issues = Object.entries<TypeName>(fields)
          .filter(([name, type]) => typeof given[name] !== type)
          .map(([name, type]) => ({ message: `expected ${type}`, path: [name] }))
        return issues.length > 0 ? { issues } : { value: value as Data }
      },
    },
  }
  return schema
}
