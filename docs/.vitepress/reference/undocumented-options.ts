import { type DeclarationReflection, type ProjectReflection, type Reflection, ReflectionKind } from 'typedoc'

/**
 * The options of exported functions that have no docstring. TypeDoc tells properties apart by kind alone, and the fields of what a provider
 * sends are the provider's to describe.
 */
export function undocumentedOptions(project: ProjectReflection): readonly string[] {
  const properties = project.getReflectionsByKind(ReflectionKind.Property) as DeclarationReflection[]
  return properties
    .filter((property) => isOption(property) && !property.hasComment())
    .map((property) => property.getFriendlyFullName())
}

/** A property of what is called `…Options`, or of a type literal in it. */
function isOption({ parent }: Reflection): boolean {
  if (!parent) return false
  return parent.name === '__type' ? isOption(parent) : /(?:Options|Filter)$/.test(parent.name)
}
