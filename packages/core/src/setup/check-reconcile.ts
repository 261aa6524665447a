import { ConfigurationError } from '../contracts/errors.ts'
import type { Inbox } from '../contracts/inbox/inbox.ts'
import type { Provider } from '../contracts/provider/provider.ts'
import type { Source } from '../contracts/reconcile/source.ts'

interface Checked {
  readonly reconcile: Source | undefined
  readonly provider: Pick<Provider, 'name' | 'keys'>
  readonly name: string
  readonly acknowledge: 'on-receipt' | 'after-handlers'
  readonly inbox: Pick<Inbox, 'name' | 'durable'>
}

/** @throws {ConfigurationError} for a source that would double events, or lose them. */
export function checkReconcile({ reconcile, provider, name, acknowledge, inbox }: Checked): void {
  if (reconcile === undefined) return
  if (typeof reconcile?.readPage !== 'function' || typeof reconcile.makeReconciler !== 'function')
    throw new ConfigurationError(
      'reconcile is not a source: it must be one of @hookport/providers, called with its options, or one made by defineSource',
    )
  if (reconcile.provider !== provider.name)
    throw new ConfigurationError(
      `reconcile is a source of ${reconcile.provider}, but the provider is ${provider.name}; give a source of that provider`,
    )
  if (name !== provider.name && reconcile.isWhole)
    throw new ConfigurationError(
      `reconcile lists everything that the account has, but this receiver, ${name}, is one of several of ${provider.name}. Each would take on what belongs to the others, and events would be handled twice. Name in the options of the source what belongs to this receiver, such as its triggers`,
    )
  if (typeof provider.keys === 'function' && !reconcile.hasTenants)
    throw new ConfigurationError(
      'the secret is picked by a function, which may name a tenant, but the source of reconcile names none for what it lists. Events would be handled twice, once for the tenant and once for no tenant. Give the source tenantOf, a function that returns the tenant, or undefined if there is none',
    )
  if (acknowledge === 'after-handlers' && !inbox.durable)
    throw new ConfigurationError(
      `no sender retries the events that reconcile takes on, and with acknowledge: 'after-handlers' the ${inbox.name} inbox does not retry them either: use a durable inbox`,
    )
}
