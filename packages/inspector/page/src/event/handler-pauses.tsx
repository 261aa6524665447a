import type { FullEvent } from '../answers/types.ts'
import { usePauses } from '../answers/use-pauses.ts'
import { givenName, HandlerName } from '../handler-name.tsx'
import type { Shared } from '../shared.ts'

interface HandlerPausesProps extends Shared {
  readonly event: FullEvent
}

/** Pauses one handler of an event, as those that fail for a while do no good, and lets it go on. */
export function HandlerPauses({ event, ...shared }: HandlerPausesProps) {
  const { pauses, error, run } = usePauses(shared)
  const { source } = event
  const canPause = shared.store.sources.some(({ name, can }) => name === source && can.pause)
  if (!canPause || !shared.session.viewer.mayChange || pauses === undefined) return null
  return (
    <div class="bulk">
      {handlersOf(event).map((handler) => {
        const name = givenName(handler)
        const paused = pauses.find(
          (one) => one.source === source && [handler, name].includes(one.handler ?? ''),
        )
        return (
          <button
            key={handler}
            type="button"
            onClick={() => run(paused ? 'resume' : 'pause', source, paused?.handler ?? handler)}
          >
            {paused ? 'Resume' : 'Pause'} <HandlerName handler={handler} />
          </button>
        )
      })}
      {error && (
        <p class="error" role="alert">
          {error}
        </p>
      )}
    </div>
  )
}

/** The handlers that its progress names. */
function handlersOf({ failures, progress }: FullEvent): readonly string[] {
  const { completed, abandoned, history = {}, waiting = [] } = progress
  const failed = [...failures, ...abandoned].flatMap(({ handler }) => handler ?? [])
  return [
    ...new Set([...Object.keys(history), ...completed, ...waiting.map(({ handler }) => handler), ...failed]),
  ]
}
