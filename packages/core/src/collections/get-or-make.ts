interface Entries<Value> {
  get(key: string): Value | undefined
  set(key: string, value: Value): unknown
}

export function getOrMake<Value>(entries: Entries<Value>, key: string, make: () => Value): Value {
  const found = entries.get(key)
  if (found !== undefined) return found
  const made = make()
  entries.set(key, made)
  return made
}
