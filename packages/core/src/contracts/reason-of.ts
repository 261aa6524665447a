/** How many causes of causes are told, and how many of the errors within one. */
const deepest = 4
const most = 4

/**
 * What is said of an error. Of one without a message, it is what is within it: Node has an error for each address of a host, and a failed WebSocket has
 * an event with the error.
 */
export function messageOf(error: unknown, depth = 0): string {
  const given = (error ?? {}) as Record<string, unknown>
  if (given.message) return String(given.message)
  const { errors, error: inner } = given
  const within = Array.isArray(errors) ? errors : inner ? [inner] : []
  if (within.length === 0 || depth === deepest) return String(error)
  return within
    .slice(0, most)
    .map((one) => messageOf(one, depth + 1))
    .join('; ')
}

/** The same, with what is said of its causes. An ORM's error says which query has failed, and only its cause says why. */
export function reasonOf(error: unknown, depth = 0): string {
  const said = messageOf(error)
  const why = depth === deepest ? '' : causeOf(error, depth)
  return said.includes(why) ? said : `${said}, because of ${why}`
}

/** Empty where it says nothing. To read it may throw, as getters are the thrower's code: what the error itself says is told all the same. */
function causeOf(error: unknown, depth: number): string {
  try {
    const { cause } = (error ?? {}) as Record<string, unknown>
    const why = typeof cause === 'object' && cause !== null ? reasonOf(cause, depth + 1) : ''
    return why.startsWith('[object ') ? '' : why
  } catch {
    return ''
  }
}

/** What a definition has thrown, by its name and message. Getters, `toString` and proxies are the thrower's code, and may throw too. */
export function describeThrown(thrown: unknown): string {
  try {
    return thrown instanceof Error ? `${thrown.name}: ${thrown.message}` : String(thrown)
  } catch {
    return "what can't be read"
  }
}
