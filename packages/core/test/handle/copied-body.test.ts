import { afterEach, expect, test, vi } from 'vitest'

afterEach(() => {
  vi.unstubAllGlobals()
  vi.resetModules()
})

test.each([true, false])(
  'a copy has the same bytes and memory of its own (with Buffer: %s)',
  async (hasBuffer) => {
    vi.resetModules()
    if (!hasBuffer) vi.stubGlobal('Buffer', undefined)
    const { copied } = await import('../../src/handle/open-event.ts')
    const given = Uint8Array.of(1, 2, 3)
    const copy = copied(given)
    vi.unstubAllGlobals()
    expect([...copy]).toEqual([1, 2, 3])
    expect(copy instanceof Buffer).toBe(hasBuffer)
    copy[0] = 9
    expect([...given]).toEqual([1, 2, 3])
  },
)
