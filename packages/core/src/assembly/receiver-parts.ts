import { Intake } from '../accept/take-on/intake.ts'
import { UnderWay } from '../accept/take-on/under-way.ts'
import { LineSampler, sampledLogger } from '../accept/tell/line-sampler.ts'
import type { Logger } from '../contracts/logger.ts'
import type { Observe } from '../contracts/receiver/observers.ts'
import type { Consumption } from '../handle/consume/consumption.ts'
import { Handlers } from '../handle/handlers.ts'
import { Operator } from '../handle/operator.ts'
import type { PlaceEvent } from '../handle/order/placing.ts'
import { HealthCheck } from '../health/health-check.ts'
import { Instruments } from '../observe/instruments.ts'
import { observeWith } from '../observe/observe-with.ts'
import { SelfTests } from '../self-test/self-test.ts'
import { enterInbox, holdSource, leaveInbox } from '../setup/inbox-users.ts'
import type { ResolvedOptions } from '../setup/options.ts'
import { warnOfRisks } from '../setup/warn-of-risks.ts'
import { allEnded, keepAlive } from '../time/awaitable.ts'
import { settledWithin } from '../time/deadlines.ts'
import { BeyondDeliveries } from './beyond-deliveries.ts'
import { consumptionOf, handlingTools, takeOnAs } from './handling.ts'

/** How long a durable inbox may take to close: handling has ended by then. Others finish what is due, which takes as long as it takes. */
const closingMs = 10_000

/** The parts of a receiver, made once from its options, and how they end. */
export class ReceiverParts {
  readonly options: ResolvedOptions
  /** Writes only some of the lines that strangers can cause. */
  readonly logger: Logger
  readonly sampler: LineSampler
  readonly handlers: Handlers
  readonly instruments: Instruments
  readonly observe: Observe
  readonly intake: Intake
  readonly consumption: Consumption
  readonly beyond: BeyondDeliveries
  readonly operator: Operator
  readonly health: HealthCheck
  readonly selfTests: SelfTests
  readonly placeInOrder: PlaceEvent | undefined
  /** Set once `stop` was called. */
  stopping: Promise<void> | undefined
  readonly #underWay = new UnderWay()
  readonly #leaveSource: () => void
  /** Whether a newer receiver of its name has taken over. Then even an inbox that is not durable leaves to that one what is due. */
  #isReplaced = false

  constructor(options: ResolvedOptions) {
    const { name, inbox, logger, clock } = options
    this.options = options
    this.selfTests = new SelfTests(clock)
    this.sampler = new LineSampler(logger, clock)
    this.logger = sampledLogger(logger, this.sampler)
    this.#leaveSource = holdSource(inbox.store, name, {
      logger,
      inbox,
      giveUp: () => {
        this.#isReplaced = true
        this.consumption.stop().catch((err) => logger.error({ err }, 'handling could not be stopped'))
      },
    })
    this.handlers = new Handlers(inbox.durable)
    this.instruments = new Instruments(this.logger)
    this.observe = observeWith(options.observers, this.logger, this.instruments)
    const tools = handlingTools(options, {
      handlers: this.handlers,
      observe: this.observe,
      instruments: this.instruments,
      sampled: this.logger,
      isStopping: () => inbox.durable && this.stopping !== undefined,
    })
    this.placeInOrder = tools.placeInOrder
    this.beyond = new BeyondDeliveries(options, tools)
    this.operator = new Operator({ ...options, ...tools, overdue: this.beyond.expecting.handlers })
    this.consumption = consumptionOf(options, tools, this.beyond, () => this.#isReplaced)
    this.intake = new Intake({
      ...options,
      logger: this.logger,
      observe: this.observe,
      underWay: this.#underWay,
      put: tools.put,
      takeOn: takeOnAs(options, tools),
      payloads: tools.payloads,
    })
    this.health = new HealthCheck({
      ...options,
      source: name,
      isStopping: () => this.stopping !== undefined,
      refusing: () => this.intake.refused,
      whyNotConsuming: () => this.consumption.whyNotConsuming,
      paused: () => this.operator.paused(),
      risksAtStart: warnOfRisks(options),
    })
    enterInbox(inbox)
  }

  stop(): Promise<void> {
    this.stopping ??= keepAlive(this.#finish())
    return this.stopping
  }

  async #finish(): Promise<void> {
    const { inbox } = this.options
    try {
      // An inbox that is not durable finishes what is due, turns under way included. In others no further handler begins from now on.
      if (!inbox.durable) await this.#underWay.settled()
      await allEnded([this.#underWay.settled(), this.consumption.stop()])
    } finally {
      try {
        await this.#leaveInbox()
      } finally {
        this.sampler.close()
        this.#leaveSource()
      }
    }
  }

  #leaveInbox(): Promise<void> {
    const { inbox, clock, logger } = this.options
    const left = leaveInbox(inbox, logger)
    const onTimeout = () => new Error(`the inbox ${inbox.name} did not close within ${closingMs} ms`)
    return inbox.durable ? settledWithin(left, closingMs, clock, { onTimeout }) : left
  }
}
