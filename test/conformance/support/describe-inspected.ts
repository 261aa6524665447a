import { sampleEvent, signDelivery } from '@hookport/sender'
import { sematryxSecret } from '@hookport/testkit/receivers/signed-deliveries'
import { describe, expect, test } from 'vitest'

const operator = { authorization: 'Bearer operator' }

/**
 * An application that has a receiver at `/webhooks`, whose handler fails until a redrive, the inspector over it at `/hookport`, and one
 * without `authorize` at `/locked`.
 */
export function describeInspected(name: string, base: () => string): void {
  describe(`the inspector in ${name}`, () => {
    const page = (path = '', headers: Record<string, string> = operator) =>
      fetch(`${base()}/hookport${path}`, { headers })
    const dead = async () => (await page('/api/events?state=dead')).json()

    test('shows its page, and nothing to who may not see it', async () => {
      const opened = await page()
      expect(opened.headers.get('content-security-policy')).toContain("script-src 'self'")
      const files = [...(await opened.text()).matchAll(/(?:src|href)="([^"]+)"/g)]
      const loaded = files.map(([, file = '']) => fetch(new URL(file, opened.url), { headers: operator }))
      expect((await Promise.all(loaded)).map(({ status }) => status)).toEqual([200, 200, 200])
      expect((await page('', {})).status).toBe(403)
      expect((await page('/api/events', {})).status).toBe(403)
    })

    test('is locked without authorize: page, data and files', async () => {
      for (const path of ['', '/api/session', '/api/events', '/assets/app.js']) {
        const { status } = await fetch(`${base()}/locked${path}`)
        expect([path, status]).toEqual([path, 403])
      }
    })

    test('redrives what the receiver of the application has', async () => {
      const { body, headers } = signDelivery({
        provider: 'sematryx',
        secret: sematryxSecret,
        event: sampleEvent('sematryx', 'optimization.completed', { at: Date.now() }),
      })
      expect((await fetch(`${base()}/webhooks`, { method: 'POST', body, headers })).status).toBe(200)
      await expect.poll(dead).toMatchObject({ items: [{ failure: { message: 'the ERP does not take it' } }] })
      const session = await page('/api/session')
      const { change } = (await session.json()) as { change: string }
      const { items } = (await dead()) as { items: { key: string }[] }
      const redrive = (sent: Record<string, string>) =>
        fetch(`${base()}/hookport/api/redrive`, {
          method: 'POST',
          headers: {
            ...operator,
            'content-type': 'application/json',
            origin: new URL(base()).origin,
            ...sent,
          },
          body: JSON.stringify({ keys: items.map(({ key }) => key) }),
        })
      expect((await redrive({})).status).toBe(403)
      const cookie = session.headers.getSetCookie()[0]?.split(';')[0] ?? ''
      const redriven = await redrive({ cookie, 'x-hookport-change': change })
      expect(await redriven.json()).toEqual({ redriven: 1, notFound: [] })
      await expect.poll(dead).toEqual({ items: [] })
    })
  })
}
