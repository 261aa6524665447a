import { useMemo, useState } from 'preact/hooks'
import { addressOf } from '../answers/server.ts'
import type { FullEvent } from '../answers/types.ts'
import { visible } from '../visible.ts'
import { hexDump, prettyOf } from './pretty.ts'

type Form = 'pretty' | 'exact' | 'bytes'

/** How much of a body is shown: the rest is in the file. */
const mostShown = 256 * 1024

/** The payload: indented, as it was sent, byte for byte. As text and nothing else. */
export function Payload({ event, store }: { event: FullEvent; store: string }) {
  const { body } = event
  const bytes = useMemo(
    () => (body.base64 === undefined ? undefined : decodeBase64(body.base64)),
    [body.base64],
  )
  const text = useMemo(() => (bytes ? decodeText(bytes) : (body.text ?? undefined)), [bytes, body.text])
  const pretty = useMemo(() => (text ? prettyOf(text, mostShown) : undefined), [text])
  const forms: Partial<Record<Form, string | undefined>> = {
    pretty,
    exact: bytes ? text : pretty === undefined ? text : undefined,
    bytes: bytes && hexDump(bytes.subarray(0, mostShown / 4)),
  }
  const names = (Object.keys(forms) as Form[]).filter((name) => forms[name] !== undefined)
  const [wanted, setWanted] = useState<Form>('pretty')
  const form = names.includes(wanted) ? wanted : names[0]
  const shown = form && forms[form]
  return (
    <section>
      <h2>Payload</h2>
      <div class="forms">
        <fieldset class="choice">
          <legend class="hidden">How to show it</legend>
          {names.map((name) => (
            <button key={name} type="button" aria-pressed={name === form} onClick={() => setWanted(name)}>
              {name}
            </button>
          ))}
        </fieldset>
        {bytes ? (
          <a href={addressOf('body', { store, key: event.key })} download="body.bin">
            Download the exact bytes
          </a>
        ) : (
          <span class="quiet">parts are redacted</span>
        )}
      </div>
      {!shown ? (
        <p class="empty">
          {body.bytes === 0
            ? 'It is empty.'
            : "It is not shown. Parts of payloads are redacted, and this one can't be read."}
        </p>
      ) : (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: so that it can be scrolled by keys
        <section class="payload" tabIndex={0} aria-label="Payload">
          <pre class={form}>
            {visible(shown.slice(0, mostShown))}
            {shown.length > mostShown && '\n… the rest is in the file'}
          </pre>
        </section>
      )}
    </section>
  )
}

function decodeBase64(text: string): Uint8Array {
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0))
}

function decodeText(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return undefined
  }
}
