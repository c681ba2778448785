import { objectsAt, specOf, stringAt } from '../../access.js';
import type { KubeObject } from '../../object.js';
import type { Api } from '../api.js';
import type { PodLogs } from './pod-logs.js';

/** Which containers a stand-in is for. */
export type ImageMatcher = RegExp | ((image: string, pod: Readonly<KubeObject>) => boolean);

/** A container that came up, as its stand-in sees it. */
export interface StandInContext {
  readonly pod: Readonly<KubeObject>;
  /** Name of the container. */
  readonly container: string;
  readonly image: string;
  /** The server, with the rights of an administrator. */
  readonly api: Api;
  /** Writes to the log of the container, in whole lines. */
  log(text: string): void;
  /** Aborted when the pod goes away, stops being ready, or the server stops. */
  readonly signal: AbortSignal;
}

/**
 * Plays what an image would do. Resolves when the container is up and its first work done, not when it ends: whoever
 * keeps on running does so until the signal. In the pod of a Job resolving means success, and rejecting failure; elsewhere
 * rejecting makes the container crash. It exits with the code of a {@link ContainerExit}, else with 1.
 */
export type StandIn = (context: StandInContext) => Promise<void> | void;

/** Ends a stand-in as if its container had exited with a code. */
export class ContainerExit extends Error {
  override readonly name = 'ContainerExit';

  /** @param exitCode - From 1 to 255. */
  constructor(readonly exitCode: number) {
    super(`the container exits with code ${exitCode}`);
  }
}

interface Registration {
  readonly matches: (image: string, pod: Readonly<KubeObject>) => boolean;
  readonly standIn: StandIn;
}

interface RunningPod {
  readonly abort: AbortController;
  readonly started: Set<Registration>;
  pending: number;
  /** Of the first that was rejected. */
  exitCode?: number;
}

/** Starts the stand-ins of ready pods and ends them with their pods. */
export class ImageStandIns {
  readonly #registrations = new Set<Registration>();
  readonly #running = new Map<string, RunningPod>();
  readonly #finished: (pod: Readonly<KubeObject>) => void;
  readonly #logs: PodLogs;

  /** @param finished - Called when the stand-ins of a pod have all resolved, or one was rejected. */
  constructor(finished: (pod: Readonly<KubeObject>) => void, logs: PodLogs) {
    this.#finished = finished;
    this.#logs = logs;
  }

  /** @returns a function that takes the registration back; what runs goes on. */
  register(matcher: ImageMatcher, standIn: StandIn): () => void {
    const matches = matcher instanceof RegExp ? (image: string): boolean => image.search(matcher) >= 0 : matcher;
    const registration = { matches, standIn };
    this.#registrations.add(registration);
    return () => this.#registrations.delete(registration);
  }

  /** Starts what is to run in a ready pod and does not yet. */
  start(pod: Readonly<KubeObject>, api: Api): void {
    const { uid = '' } = pod.metadata;
    for (const container of objectsAt(specOf(pod), 'containers')) {
      const image = stringAt(container, 'image');
      for (const registration of this.#registrations) {
        if (!registration.matches(image, pod)) continue;
        const running = this.#running.get(uid) ?? {
          abort: new AbortController(),
          started: new Set(),
          pending: 0,
        };
        this.#running.set(uid, running);
        if (running.started.has(registration)) continue;
        running.started.add(registration);
        const name = stringAt(container, 'name');
        const log = (text: string): void => {
          this.#logs.append(uid, name, text);
        };
        const context = { pod, container: name, image, api, log, signal: running.abort.signal };
        void this.#run(registration.standIn, context, running);
      }
    }
  }

  /** Ends what runs in a pod. */
  end(uid: string): void {
    this.#running.get(uid)?.abort.abort();
    this.#running.delete(uid);
  }

  endAll(): void {
    for (const uid of [...this.#running.keys()]) this.end(uid);
  }

  /** What a pod's containers exit with when one of its stand-ins was rejected. */
  exitCodeOf(uid: string): number | undefined {
    return this.#running.get(uid)?.exitCode;
  }

  /** Whether a pod's stand-ins work, have done their work, or failed; undefined if it has none. */
  stateOf(uid: string): 'working' | 'done' | 'failed' | undefined {
    const running = this.#running.get(uid);
    if (running === undefined) return undefined;
    return running.exitCode !== undefined ? 'failed' : running.pending > 0 ? 'working' : 'done';
  }

  isBusy(): boolean {
    return [...this.#running.values()].some(({ pending }) => pending > 0);
  }

  async #run(standIn: StandIn, context: StandInContext, running: RunningPod): Promise<void> {
    running.pending += 1;
    try {
      await standIn(context);
    } catch (error) {
      // What an image reports about its failure belongs into its own log; the pod's status says that it crashed.
      if (!context.signal.aborted) running.exitCode ??= error instanceof ContainerExit ? error.exitCode : 1;
    } finally {
      running.pending -= 1;
    }
    if (!context.signal.aborted && (running.pending === 0 || running.exitCode !== undefined))
      this.#finished(context.pod);
  }
}
