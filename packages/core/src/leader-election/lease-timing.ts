import { OptionError } from '../errors.js';

/** How long a lease lasts and how it is kept. Milliseconds. */
export interface LeaseTiming {
  /** Others take the lease when it has not been renewed for so long; whole seconds are what the Lease can say. Default 15 000. */
  readonly leaseDurationMs: number;
  /** The holder gives up when it could not renew for so long. Default 10 000. */
  readonly renewDeadlineMs: number;
  /** Between two attempts to take or renew it. Default 2 000. */
  readonly retryPeriodMs: number;
}

/** @see {@link https://pkg.go.dev/k8s.io/client-go/tools/leaderelection | client-go}, whose recommended values these are. */
const DEFAULTS: LeaseTiming = { leaseDurationMs: 15_000, renewDeadlineMs: 10_000, retryPeriodMs: 2_000 };

/** Waits before an attempt are longer by up to this share, so that candidates do not all come at once. */
export const JITTER = 0.2;

/** @throws {@link OptionError} when a holder could not give up before others take over, or could not try twice. */
export function leaseTiming(options: Partial<LeaseTiming>): LeaseTiming {
  const timing = {
    leaseDurationMs: options.leaseDurationMs ?? DEFAULTS.leaseDurationMs,
    renewDeadlineMs: options.renewDeadlineMs ?? DEFAULTS.renewDeadlineMs,
    retryPeriodMs: options.retryPeriodMs ?? DEFAULTS.retryPeriodMs,
  };
  const { leaseDurationMs, renewDeadlineMs, retryPeriodMs } = timing;
  if (!(retryPeriodMs > 0)) throw new OptionError(`retryPeriodMs is ${retryPeriodMs}; it must be greater than 0`);
  if (!(renewDeadlineMs > retryPeriodMs * (1 + JITTER)))
    throw new OptionError(
      `renewDeadlineMs is ${renewDeadlineMs}; it must be greater than retryPeriodMs (${retryPeriodMs}) and a fifth`,
    );
  if (!(leaseDurationMs > renewDeadlineMs && Number.isInteger(leaseDurationMs / 1000)))
    throw new OptionError(
      `leaseDurationMs is ${leaseDurationMs}; it must be greater than renewDeadlineMs (${renewDeadlineMs}), in whole seconds`,
    );
  return timing;
}
