import type { RedriveOptions } from '../contracts/inbox/progress.ts'
import type { Pause, PauseRequest } from '../contracts/receiver/pause.ts'
import type { RedriveFilter } from '../contracts/receiver/receiver.ts'
import type { ReplayProgress, ReplayRequest } from '../contracts/receiver/replay.ts'
import type { Operator } from '../handle/operator.ts'

/** What an operator can ask of a receiver. */
export abstract class OperatedReceiver {
  protected abstract readonly operator: Operator

  redrive(key: string, options?: RedriveOptions): Promise<boolean> {
    return this.operator.redrive(key, options)
  }

  redriveAll(filter: RedriveFilter = {}, options?: RedriveOptions): Promise<number> {
    return this.operator.redriveAll(filter, options)
  }

  replay(request: ReplayRequest = {}): Promise<ReplayProgress> {
    return this.operator.replay(request)
  }

  pause(request: PauseRequest): Promise<void> {
    return this.operator.pause(request)
  }

  resume(request: Partial<PauseRequest> = {}): Promise<void> {
    return this.operator.resume(request)
  }

  paused(): Promise<readonly Pause[]> {
    return this.operator.paused()
  }
}
