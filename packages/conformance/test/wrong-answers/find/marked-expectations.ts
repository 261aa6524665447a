import type { Plugin } from 'vite'

const sources = /packages\/conformance\/src\/.+\.ts$/

/** A call of an assertion, or of a step that is made of some, whose result nothing uses. */
const call = /(^ *|(?:if|for) \(.*\) |=> )(await )?((?:assert|expect)\w*(?:\.\w+)?)\((?!.*\{$)/

/**
 * What tells the compiler that something is there, and that the harness can do what the test needs: `assert.ok` of bare names, and `skip this test`. The
 * test would fail without it, too.
 */
const noExpectation = /\bassert\.ok\(\w+(?: && \w+)*\)$|skip this test, and say why'\)$/

/** Lets `globalThis.expectations` call each expectation of the audits and of the inbox suite. */
export function markedExpectations(): Plugin {
  return {
    name: 'marked-expectations',
    enforce: 'pre',
    transform(code, id) {
      const [file = ''] = id.split('?')
      if (!sources.test(file)) return
      const name = file.slice(file.indexOf('src/') + 4)
      const marked = code.split('\n').map((text, index) =>
        noExpectation.test(text)
          ? text
          : text.replace(call, (_, before, awaits = '', callee) => {
              const key = JSON.stringify(`${name}:${index + 1}`)
              return `${before}${awaits}globalThis.expectations.called(${key}, ${callee})(`
            }),
      )
      return { code: marked.join('\n'), map: null }
    },
  }
}
