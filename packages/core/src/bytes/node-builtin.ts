type BuiltinName =
  | 'node:async_hooks'
  | 'node:crypto'
  | 'node:diagnostics_channel'
  | 'node:perf_hooks'
  | 'node:timers'
  | 'node:zlib'

/**
 * A built-in module of Node, where the platform has it (Node, Bun, Deno), else undefined. It is loaded at run time, so that the same build also loads
 * on edge runtimes. On some of those the function that loads it exists but throws. Their compilers warn about it where they find its name, so it is
 * looked up on `globalThis`.
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
