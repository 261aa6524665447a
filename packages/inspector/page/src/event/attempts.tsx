import type { FullEvent } from '../answers/types.ts'
import { HandlerName } from '../handler-name.tsx'
import { instantOf } from '../times.ts'
import { visible } from '../visible.ts'

/** The last attempts of each handler, the latest first, and what each waits for. */
export function Attempts({ event, now: _ }: { event: FullEvent; now: number }) {
  const { completed, history = {}, waiting = [] } = event.progress
  const runs = Object.entries(history)
    .flatMap(([handler, all]) => all.map((run) => ({ handler, ...run })))
    .sort((one, other) => other.at - one.at)
  const silent = completed.filter((handler) => !Object.hasOwn(history, handler))
  if (runs.length === 0 && silent.length === 0 && waiting.length === 0) return null
  return (
    <section>
      <h2>Attempts</h2>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: so that it can be scrolled by keys */}
      <section class="scroll" tabIndex={0} aria-label="Attempts of each handler">
        <table class="attempts">
          <thead>
            <tr>
              <th scope="col">Handler</th>
              <th scope="col">Began</th>
              <th scope="col">Took</th>
              <th scope="col">Outcome</th>
              <th scope="col">Error</th>
            </tr>
          </thead>
          <tbody>
            {waiting.map(({ handler, attempt }) => (
              <tr key={`${handler} waits`}>
                <td>
                  <HandlerName handler={handler} />
                </td>
                <td>–</td>
                <td>–</td>
                <td>
                  <span class="badge scheduled">waits</span>
                </td>
                <td>for attempt {attempt}</td>
              </tr>
            ))}
            {runs.map(({ handler, at, durationMs, outcome, failure }) => (
              <tr key={`${handler} ${at}`}>
                <td>
                  <HandlerName handler={handler} />
                </td>
                <td>
                  <time dateTime={new Date(at).toISOString()}>{instantOf(at)}</time>
                </td>
                <td>{Math.round(durationMs)} ms</td>
                <td>
                  <span class={`badge ${outcome}`}>{outcome}</span>
                </td>
                <td class="why">{failure && visible(`${failure.code}: ${failure.message}`)}</td>
              </tr>
            ))}
            {silent.map((handler) => (
              <tr key={`${handler} done`}>
                <td>
                  <HandlerName handler={handler} />
                </td>
                <td>–</td>
                <td>–</td>
                <td>
                  <span class="badge completed">completed</span>
                </td>
                <td />
              </tr>
            ))}
          </tbody>
        </table>
      </section>
    </section>
  )
}
