type BuiltinName = 'node:crypto' | 'node:diagnostics_channel' | 'node:zlib'

/**
 * A module of Node's own, where the platform has it: Node, Bun, Deno. Else undefined. Asked for at run time, so that the same build also
 * loads on edge runtimes. Some of them have the function that is asked here, and it throws; their compilers warn of it where they find it by
 * name, so it is looked up on `globalThis`.
 */
export function nodeBuiltin<Name extends BuiltinName>(
  name: Name,
): ReturnType<typeof process.getBuiltinModule<Name>> | undefined {
  try {
    return globalThis.process?.getBuiltinModule?.(name)
  } catch {
    return undefined
  }
}
