import { type EventState, type LastHour, states } from '../answers/types.ts'
import { count, counted } from '../times.ts'

const width = 600
const height = 72
const minutes = 60
const gap = 2
/** Of one event among thousands, so that it is seen. */
const leastTall = 2

/** What came in within the last hour, minute by minute, by the state in which it is now. */
export function HourChart({ hour }: { hour: LastHour | undefined }) {
  if (!hour) return <figure class="chart" aria-busy="true" />
  const used = states.filter((state) => hour.series[state].some((number) => number > 0))
  const totals = Array.from({ length: minutes }, (_, minute) =>
    used.reduce((sum, state) => sum + (hour.series[state][minute] ?? 0), 0),
  )
  const most = Math.max(1, ...totals)
  const said = used.map((state) => `${sumOf(hour.series[state])} ${state}`).join(', ')
  return (
    <figure class="chart">
      <figcaption>
        <span>Received in the last hour{hour.isComplete ? '' : ' (only the latest)'}, by current state</span>
        <span class="legend">
          {used.map((state) => (
            <span key={state} class={`key ${state}`}>
              {state}
            </span>
          ))}
        </span>
      </figcaption>
      <svg
        viewBox={`0 0 ${width} ${height}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={said === '' ? 'no events that are still kept' : `${said}; at most ${most} in a minute`}
      >
        <line x1="0" y1={height} x2={width} y2={height} />
        {totals.map((_, minute) => (
          <Bar key={minute} hour={hour} minute={minute} used={used} most={most} />
        ))}
      </svg>
      <div class="axis" aria-hidden="true">
        <span>{clockOf(hour.from)}</span>
        <span>
          {said === '' ? 'no events that are still kept' : `at most ${counted(most, 'event')} in a minute`}
        </span>
        <span>{clockOf(hour.from + (minutes - 1) * 60_000)}</span>
      </div>
    </figure>
  )
}

interface BarProps {
  readonly hour: LastHour
  readonly minute: number
  readonly used: readonly EventState[]
  readonly most: number
}

function Bar({ hour, minute, used, most }: BarProps) {
  const step = width / minutes
  const room = height - 4 - leastTall * used.length
  const present = used.flatMap((state) => {
    const number = hour.series[state][minute] ?? 0
    return number > 0 ? [{ state, number, tall: leastTall + (number / most) * room }] : []
  })
  let top = height
  const parts = present.map(({ state, tall }) => {
    top -= tall
    return <rect key={state} class={state} x={minute * step} y={top} width={step - gap} height={tall} />
  })
  const said = present.map(({ state, number }) => `${count(number)} ${state}`).join(', ')
  return (
    <g>
      {said !== '' && <title>{`${clockOf(hour.from + minute * 60_000)}: ${said}`}</title>}
      {parts}
    </g>
  )
}

function sumOf(numbers: readonly number[]): number {
  return numbers.reduce((sum, number) => sum + number, 0)
}

/** With its zone: all other times of the page are in UTC. */
function clockOf(at: number): string {
  return new Date(at).toLocaleTimeString('en-GB', {
    hour: '2-digit',
    minute: '2-digit',
    timeZoneName: 'short',
  })
}
