import { eventStates, type ListFilter } from '@hookport/core'
import { Denial } from '../access/denial.ts'
import type { Store } from '../stores.ts'

/** The parameters of a query, checked. */
export class Question {
  readonly #values: { get(name: string): string | null }

  constructor(values: { get(name: string): string | null }) {
    this.#values = values
  }

  /** Undefined if it is missing or empty. */
  text(name: string): string | undefined {
    return this.#values.get(name) || undefined
  }

  /** @throws {Denial} 400 if it is missing. */
  required(name: string): string {
    const text = this.text(name)
    if (text === undefined) throw new Denial(400, 'invalid', `${name} is missing`)
    return text
  }

  /** @throws {Denial} 400 if it is not a whole number of 0 or more. */
  number(name: string): number | undefined {
    const text = this.text(name)
    if (text === undefined) return undefined
    const number = Number(text)
    if (Number.isSafeInteger(number) && number >= 0) return number
    throw new Denial(400, 'invalid', `${name} is ${JSON.stringify(text)}; it must be a whole number`)
  }

  /** @throws {Denial} 404 if there is no such store. */
  store(stores: readonly Store[]): Store {
    const id = this.text('store') ?? '0'
    const store = stores.find((one) => one.id === id)
    if (store === undefined) throw new Denial(404, 'no_such_store', `there is no inbox ${id}`)
    return store
  }

  /** @throws {Denial} 400 for an unknown state. */
  filter(): ListFilter {
    const asked = this.text('state')
    const state = eventStates.find((one) => one === asked)
    if (asked !== undefined && state === undefined)
      throw new Denial(
        400,
        'invalid',
        `state is ${JSON.stringify(asked)}; it must be one of ${eventStates.join(', ')}`,
      )
    const filter = {
      state,
      source: this.text('source'),
      tenant: this.text('tenant'),
      type: this.text('type'),
      idIncludes: this.text('id'),
      receivedFrom: this.number('from'),
      receivedBefore: this.number('before'),
    }
    return Object.fromEntries(Object.entries(filter).filter(([, value]) => value !== undefined))
  }
}
