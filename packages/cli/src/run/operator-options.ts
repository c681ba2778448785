import type { OperatorOptions } from '@trueup/core';
import { leaseOf, type OperatorApplication } from '../application.js';
import type { RunOptions } from './run-options.js';

/** What an operator is made with, wherever it runs. */
export function operatorOptions(
  application: OperatorApplication,
  { leaderElect, metricsBindAddress, healthProbeBindAddress }: RunOptions,
): OperatorOptions {
  const { name, modules, register, formerManagers } = application;
  return {
    name,
    modules,
    leaderElection: leaderElect && { name: leaseOf(application) },
    metricsBindAddress,
    healthProbeBindAddress,
    ...(register === undefined ? {} : { register }),
    ...(formerManagers === undefined ? {} : { formerManagers }),
  };
}
