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
  if (typeof reconcile?.readPage !== 'function' || typeof reconcile.lists !== 'function')
    throw new ConfigurationError(
      'reconcile is no source: it must be one of @hookport/providers, called with its options, or one made by defineSource',
    )
  if (reconcile.provider !== provider.name)
    throw new ConfigurationError(
      `reconcile is a source of ${reconcile.provider}, and the provider is ${provider.name}`,
    )
  if (name !== provider.name && reconcile.isWhole)
    throw new ConfigurationError(
      `reconcile lists all that the account has, but this receiver is ${name}, one of several of ${provider.name}: each would take on what is another's, and events would be doubled. Name what is its own in the options of the source, as its triggers`,
    )
  if (typeof provider.keys === 'function' && !reconcile.hasTenants)
    throw new ConfigurationError(
      'the secret is picked by a function, which may say whose event it is, but reconcile says of no thing whose it is: events would be doubled, once for the tenant and once for nobody. Give the source tenantOf, a function that answers the tenant, or undefined where there are none',
    )
  if (acknowledge === 'after-handlers' && !inbox.durable)
    throw new ConfigurationError(
      `reconcile takes on events that no sender tries again, and with acknowledge: 'after-handlers' nothing else does on the ${inbox.name} inbox: use a durable one`,
    )
}
