/** Titles of the tests that a file runs: those in comments, and those that are skipped or left to do, are none. */
export function testsIn(source: string): string[] {
  const text = withoutComments(source)
  if (/\bdescribe\.(?:skip|todo)/.test(text)) return []
  const calls = text.matchAll(/^ *(?:test|it)(\.each\b|\.for\b)?/gm) // a call begins a line: that is how the formatter has it
  return [...calls].flatMap(({ 0: call, 1: table, index }) => {
    const rest = text.slice(index + call.length)
    const title = table ? titleBehindTable(rest) : titleAtStart(rest)
    return title === undefined ? [] : [title]
  })
}

function titleAtStart(rest: string): string | undefined {
  return /^\(\s*'((?:[^'\\]|\\.)*)'/.exec(rest)?.[1]
}

/** A table is given in parentheses, or as a template behind them; the title stands in those that follow. */
function titleBehindTable(rest: string): string | undefined {
  const after = /^(?:<[^(]*>)?\(/.exec(rest)
  if (!after) return undefined
  let depth = 0
  for (const { 0: token, index } of rest.matchAll(/'(?:[^'\\\n]|\\.)*'|[()]/g)) {
    if (token === '(') depth += 1
    if (token === ')') depth -= 1
    if (token === ')' && depth === 0) return titleAtStart(rest.slice(index + 1))
  }
  return undefined
}

/** Strings are kept: what looks like a comment in them is none. */
function withoutComments(source: string): string {
  return source.replace(
    /('(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"|`(?:[^`\\]|\\.)*`)|\/\*[\s\S]*?\*\/|\/\/[^\n]*/g,
    (_, string = '') => string,
  )
}
