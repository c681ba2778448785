import type { Disposition, WorkQueueObserver } from '../queue/work-queue.js';

/** Told what the engine does, for metrics. Nothing here may throw. */
export interface EngineObserver {
  /** Called once for each controller. */
  controller(controller: { readonly name: string; readonly concurrency: number }): ControllerObserver;
}

export interface ControllerObserver {
  readonly queue: WorkQueueObserver;
  /** A reconcile came to its end. */
  reconciled(disposition: Disposition, durationMs: number): void;
  /** A reconcile has not ended within its deadline. */
  timedOut(): void;
}
