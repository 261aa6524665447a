import { useEffect, useState } from 'preact/hooks'
import { addressOf } from './server.ts'
import type { Standing } from './types.ts'

export type LiveState = 'live' | 'connecting' | 'trouble'

const againMs = 5_000
/** A page that nobody sees asks this often, and keeps no connection: a browser has six for a server, and in a seventh tab nothing would be answered. */
const unseenMs = 15_000

/** The server says something every 15 s. A connection on which nothing is heard any more, as of a tunnel that broke, is still open to a browser. */
const silentMs = 40_000

/** What the server tells of all stores, as it changes. `asked` counts what came: another number, another standing. */
export function useLive(): {
  standings: Readonly<Record<string, Standing>>
  state: LiveState
  asked: number
} {
  const [standings, setStandings] = useState<Readonly<Record<string, Standing>>>({})
  const [state, setState] = useState<LiveState>('connecting')
  const [asked, setAsked] = useState(0)
  useEffect(() => {
    let source: EventSource
    let timer = 0
    let silence = 0
    const close = () => {
      clearTimeout(silence)
      source.close()
    }
    const heard = () => {
      clearTimeout(silence)
      silence = window.setTimeout(() => {
        setState('connecting')
        close()
        listen()
      }, silentMs)
    }
    const listenLater = (ms: number) => {
      clearTimeout(timer)
      timer = window.setTimeout(listen, ms)
    }
    const restUnseen = () => {
      if (document.visibilityState !== 'hidden') return
      close()
      listenLater(unseenMs)
    }
    const listen = () => {
      clearTimeout(timer) // else there would be two, where silence comes first
      source = new EventSource(addressOf('live'))
      heard()
      source.addEventListener('beat', heard)
      source.onmessage = ({ data }) => {
        heard()
        setStandings(JSON.parse(data))
        setState('live')
        setAsked((before) => before + 1)
        restUnseen()
      }
      source.addEventListener('trouble', () => {
        setState('trouble')
        heard()
        restUnseen()
      })
      source.onerror = () => {
        setState('connecting')
        // A reply of another status ends it for good, as a browser sees it.
        if (source.readyState === EventSource.CLOSED) listenLater(againMs)
      }
    }
    const lookAgain = () => {
      restUnseen()
      if (source.readyState !== EventSource.CLOSED || document.visibilityState === 'hidden') return
      listen()
    }
    document.addEventListener('visibilitychange', lookAgain)
    listen()
    return () => {
      document.removeEventListener('visibilitychange', lookAgain)
      clearTimeout(timer)
      close()
    }
  }, [])
  return { standings, state, asked }
}
