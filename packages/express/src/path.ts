/** The path that is answered where nothing else says it. */
export interface Path {
  /** Without a slash at its end. */
  readonly written: string
  /** Whether a URL has it, however that is encoded, and with or without a slash at its end. */
  is(url: string | undefined, isCaseSensitive: boolean): boolean
}

export function answeredPath(path: string): Path {
  const exact = pathOf(path)
  const folded = exact.toLowerCase()
  return {
    written: exact || '/',
    is(url, isCaseSensitive) {
      const asked = pathOf(url)
      return isCaseSensitive ? asked === exact : asked.toLowerCase() === folded
    },
  }
}

/** Decoded, and without a slash at its end. */
function pathOf(url = ''): string {
  const [path = ''] = url.replace(/^[a-z][a-z\d+.-]*:\/\/[^/?#]*/i, '').split(/[?#]/, 1)
  return decoded(path.replace(/\/$/, ''))
}

function decoded(path: string): string {
  if (!path.includes('%')) return path
  try {
    return decodeURI(path)
  } catch {
    return path
  }
}
