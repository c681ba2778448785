import {
  Condition,
  findCondition,
  Reconciler,
  References,
  verdict,
  type ConditionStatus,
  type Context,
  type Verdict,
} from '@trueup/core';
import { authzConfigRef } from './authz-config-ref.js';
import { backendAuthRefs } from './backend-auth-refs.js';
import { defaultAuthRef } from './default-auth-ref.js';
import { oidcConfigRef } from './oidc-config-ref.js';
import { VirtualMCPServer } from './resource.js';
import { telemetryConfigRef } from './telemetry-config-ref.js';
import { toolConfigRefs } from './tool-config-refs.js';

/** Judges the shared configs that VirtualMCPServers refer to. Nothing is deployed for them yet, and their status says so. */
@Reconciler(VirtualMCPServer)
@References(oidcConfigRef, authzConfigRef, telemetryConfigRef, toolConfigRefs, defaultAuthRef, backendAuthRefs)
export class VirtualMCPServerReconciler {
  @Condition('Ready', { observes: [] })
  ready(_server: VirtualMCPServer, ctx: Context): Verdict {
    const broken = brokenReference(ctx);
    if (broken !== undefined) return verdict.false(broken.reason, broken.message);
    return verdict.false('DeploymentNotReady', 'Deployment is not yet ready');
  }

  status(_server: VirtualMCPServer, ctx: Context): Readonly<Record<string, unknown>> {
    const [problem] = ctx.problems;
    return {
      phase: brokenReference(ctx) === undefined ? 'Pending' : 'Failed',
      message: problem?.message ?? 'No pods found for Virtual MCP server',
    };
  }
}

/** The first reference that the server cannot do without and cannot use; one that is still being judged is none. */
function brokenReference(ctx: Context): ConditionStatus | undefined {
  return ctx.problems
    .map(({ condition }) => (condition === undefined ? undefined : findCondition(ctx.conditions, condition)))
    .find((condition) => condition?.status === 'False');
}
