import { ConfigurationError } from '@hookport/core'
import { z } from 'zod'
import { allPages } from '../management/all-pages.ts'
import { anyNumber, assertAbout, readableItems, validAnswer } from '../management/check-answer.ts'
import { checkedKey, pathSegment } from '../management/check-call.ts'
import type { ListingOptions } from '../management/listing-options.ts'
import type { ManagementAnswer } from '../management/request.ts'
import { callJaot, type JaotApiOptions, type JaotCallOptions, pathOf } from './call.ts'

/** One run of a trigger, as JAOT's API returns it. Fields that JAOT adds are kept. */
export interface Run {
  readonly id: string
  readonly trigger_id?: string | null | undefined
  readonly organization_id?: string | null | undefined
  /** `pending`, `running`, `completed`, `failed` or `validation_failed`. */
  readonly status: string
  /** What it was fired with. */
  readonly override_data?: unknown
  readonly source?: string | null | undefined
  readonly execution_id?: string | null | undefined
  /** The solution. */
  readonly result_data?: unknown
  readonly error_message?: string | null | undefined
  readonly execution_time_ms?: number | null | undefined
  /** Whether its webhook was answered with a 2xx; null while that is open. */
  readonly webhook_delivered?: boolean | null | undefined
  readonly webhook_attempts?: number | null | undefined
  readonly created_at?: string | null | undefined
  readonly completed_at?: string | null | undefined
}

export interface ListRunsOptions extends JaotApiOptions, ListingOptions {
  /** `trg_…` */
  triggerId: string
  /** Counted from 1. Defaults to 1. */
  page?: number | undefined
  /** At most 100. Defaults to 20. */
  pageSize?: number | undefined
}

/** A page of the runs of a trigger. */
export interface RunPage {
  /** Newest first. */
  readonly items: readonly Run[]
  /** The number of all runs. */
  readonly total: number
  readonly page: number
  readonly pageSize: number
}

export interface RunOptions extends JaotApiOptions {
  /** `trg_…` */
  triggerId: string
  /** The run's id: `trun_…`. */
  runId: string
}

export interface FireTriggerOptions extends JaotCallOptions {
  /** `trg_…` */
  id: string
  /** The secret that `createTrigger` returned. The API key does not authorize firing. */
  triggerSecret: string | undefined
  /** Data for this run, in place of the data of the trigger's model. */
  overrideData?: object | undefined
}

/** A run that was started. */
export interface FiredRun {
  readonly runId: string
  /** `pending` */
  readonly status: string
  /** JAOT's whole answer. */
  readonly answer: ManagementAnswer
}

/**
 * Starts a trigger now. If the data does not fit, JAOT still records a run and reports it. Its id is in the error's `answer` (`{ detail: { error,
 * run_id } }`).
 *
 * @throws {ConfigurationError} for a missing trigger secret, no id, or data that JSON can't represent: NaN, infinities, bigints.
 * @throws {ManagementError} where the API refuses, or does not answer: `invalid` with status 409 for a trigger that is not enabled, 422 for data that
 * does not fit; `unavailable` with 429 above 10 a minute, or 500 a day.
 */
export async function fireTrigger(options: FireTriggerOptions): Promise<FiredRun> {
  const { id, triggerSecret, overrideData } = options
  if (!triggerSecret) {
    throw new ConfigurationError(
      'triggerSecret is missing; it is the secret that createTrigger returned, and not the API key',
    )
  }
  const body = { override_data: overrideData } // undefined is not sent
  const request = { method: 'POST', path: `${pathOf(id)}/fire`, body } as const
  const apiKey = checkedKey('triggerSecret', triggerSecret)
  return toFiredRun((await callJaot({ ...options, apiKey }, request)).answer)
}

/**
 * A page of a trigger's runs, newest first. New runs shift the pages while you read them; `allRuns` takes care of that. A run that can't be read is
 * left out, and `onUnreadable` is called.
 *
 * @throws {ConfigurationError} for a missing API key, or no id.
 * @throws {ManagementError} where the API refuses, does not answer, or answers runs of which none can be read.
 */
export async function listRuns(options: ListRunsOptions): Promise<RunPage> {
  return (await readRunPage(options)).page
}

/** All runs of a trigger, newest first, each once, even if runs are added meanwhile. Throws as `listRuns` does. */
export function allRuns(options: Omit<ListRunsOptions, 'page'>): AsyncGenerator<Run, void, undefined> {
  const { pageSize = 100 } = options
  return allPages(options, async (_, pagesBefore) => {
    const { page, count, waitMs } = await readRunPage(
      { ...options, page: pagesBefore + 1, pageSize },
      pagesBefore > 0,
    )
    return { items: page.items, count, isLast: page.page * page.pageSize >= page.total, waitMs }
  })
}

/** One run. Throws as `listRuns` does. */
export async function getRun(options: RunOptions): Promise<Run> {
  const found = toRun((await callJaot(options, { method: 'GET', path: pathOfRun(options) })).answer)
  assertAbout(options.runId, found.id)
  return found
}

/** Fires a run again, with the same data. Throws as `listRuns` does. */
export async function rerun(options: RunOptions): Promise<FiredRun> {
  return toFiredRun((await callJaot(options, { method: 'POST', path: `${pathOfRun(options)}/rerun` })).answer)
}

/** As `listRuns`, with the number of items on the page, unreadable ones included. */
export async function readRunPage(
  options: ListRunsOptions,
  isFollowing = false,
): Promise<{ page: RunPage; count: number; waitMs: number }> {
  const { triggerId, page = 1, pageSize = 20 } = options
  const path = `${pathOf(triggerId, 'triggerId')}/runs?page=${page}&page_size=${pageSize}`
  const { answer, waitMs } = await callJaot(options, { method: 'GET', path })
  const found = validAnswer('a page of runs', runPage, answer)
  const items: Run[] = readableItems('a run', run, found.items, options, isFollowing)
  return {
    page: { items, total: found.total, page: found.page, pageSize: found.page_size },
    count: found.items.length,
    waitMs,
  }
}

function pathOfRun({ triggerId, runId }: RunOptions): string {
  return `${pathOf(triggerId, 'triggerId')}/runs/${pathSegment('runId', runId)}`
}

const runPage = z.looseObject({
  items: z.array(z.unknown()),
  total: z.number(),
  page: z.number(),
  page_size: z.number().min(1),
})

const text = z.string().nullish()

const run = z.looseObject({
  id: z.string().min(1),
  status: z.string(),
  trigger_id: text,
  organization_id: text,
  source: text,
  execution_id: text,
  error_message: text,
  execution_time_ms: z.nullish(anyNumber),
  webhook_delivered: z.boolean().nullish(),
  webhook_attempts: z.nullish(anyNumber),
  created_at: text,
  completed_at: text,
})

function toRun(answer: unknown): Run {
  return validAnswer('a run', run, answer)
}

const fired = z.looseObject({ run_id: z.string().min(1), status: z.string() })

function toFiredRun(answer: unknown): FiredRun {
  const found = validAnswer('a fired run', fired, answer)
  return { runId: found.run_id, status: found.status, answer: found }
}
