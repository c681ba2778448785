import {
  Condition,
  ConfigMap,
  Deployment,
  injectable,
  Owns,
  permission,
  Permissions,
  Pod,
  ReadsContents,
  Role,
  RoleBinding,
  Secret,
  Service,
  ServiceAccount,
  Watches,
  type Context,
  type Verdict,
} from '@trueup/core';
import { AuthorizerRegistry } from '@trueup/mcp-authz-config';
import { OboHandler } from '@trueup/mcp-external-auth-config';
import { oidcCaBundleValidated, telemetryCaBundleValidated } from './configs/ca-bundles.js';
import { baselineScopesValid } from './configs/embedded-auth-server.js';
import { within } from './error-prefix.js';
import { Platform } from './platform.js';
import type { ProxiedKind, ProxiedWorkload } from './proxied-workload.js';
import { workloadsOf } from './proxy/labels.js';
import type { DeploymentSources } from './proxy/proxied-deployment.js';
import { sessionStorageWarning } from './proxy/replicas.js';
import { finishRestart, restartMarks, restartRequest } from './proxy/restart.js';
import { sessionRedis, type SessionRedis } from './run-config/scaling.js';
import { WorkloadSettings } from './settings.js';
import { BUILD_CONFIGURATION } from './stages.js';
import { primaryProviderIgnored } from './status/advisories.js';

/** What every pass makes a proxy of, besides the workload and its configs. */
export interface ProxySources extends Omit<DeploymentSources, 'checksum'> {
  readonly redis: SessionRedis | undefined;
}

/**
 * Makes the class that the reconciler of a kind with a proxy of its own extends: what means the same for all such kinds, that
 * is conditions, kinds it owns and watches, and restarts that users ask for by annotation.
 *
 * @example
 * ```ts
 * @Reconciler(MCPServer, { name: PROXIED.controller })
 * class MCPServerReconciler extends proxiedReconciler(PROXIED) { … }
 * ```
 */
export function proxiedReconciler<W extends ProxiedWorkload>(proxied: ProxiedKind<W>) {
  @injectable()
  @Owns(ServiceAccount, Role, RoleBinding, ConfigMap)
  @Owns(Deployment, Service, { rehearse: hasOwnParts })
  @Watches(Pod, { map: workloadsOf })
  @ReadsContents(Secret, ConfigMap)
  @Permissions(permission(Pod, 'delete'))
  class ProxiedReconciler {
    constructor(
      readonly settings: WorkloadSettings,
      readonly platform: Platform,
      readonly obo: OboHandler,
      readonly authorizers: AuthorizerRegistry,
    ) {}

    @Condition('AuthzPrimaryUpstreamProviderIgnored')
    primaryProviderIgnored(workload: W): Verdict {
      return primaryProviderIgnored(workload);
    }

    @Condition('SessionStorageWarning')
    sessionStorageWarning({ spec }: W): Verdict {
      return sessionStorageWarning(spec, this.settings.defaultRedis);
    }

    @Condition('CABundleRefValidated')
    caBundleRefValidated(workload: W, ctx: Context): Promise<Verdict> {
      return oidcCaBundleValidated(workload, ctx, proxied);
    }

    @Condition('TelemetryCABundleRefValidated')
    telemetryCaBundleRefValidated(workload: W, ctx: Context): Promise<Verdict> {
      return telemetryCaBundleValidated(workload, ctx, proxied);
    }

    @Condition('BaselineScopesValid', { gate: true })
    baselineScopesValid(workload: W, ctx: Context): Verdict {
      return baselineScopesValid(workload, ctx, proxied);
    }

    async reconcile(workload: W, ctx: Context): Promise<void> {
      await finishRestart(workload, ctx, proxied);
    }

    /**
     * @param restartIsDue - The proxies must restart although nobody asked.
     * @throws {@link SpecError} for session storage without an address.
     */
    async sources(workload: W, ctx: Context, restartIsDue = false): Promise<ProxySources> {
      const { metadata, spec } = workload;
      const live = ctx.get(Deployment, metadata.name);
      return {
        settings: this.settings,
        redis: within(BUILD_CONFIGURATION, () => sessionRedis(spec.sessionStorage, this.settings.defaultRedis)),
        openShift: await this.platform.isOpenShift(ctx.client),
        live,
        restart: restartMarks(live, restartRequest(workload), { isDue: restartIsDue, now: ctx.now }),
        fieldManager: proxied.controller,
        contents: (refs) => ctx.contents(refs),
      };
    }
  }
  return ProxiedReconciler;
}

/** Whether users put something into the objects made for a workload that only the API server can judge. */
function hasOwnParts({ spec }: ProxiedWorkload & { readonly spec: { readonly [field: string]: unknown } }): boolean {
  return OWN_PARTS.some((field) => spec[field] !== undefined);
}

const OWN_PARTS = ['podTemplateSpec', 'resourceOverrides', 'resources', 'serviceAccount', 'volumes'];
