import { Condition, findCondition, Reconciler, References, verdict, type Context, type Verdict } from '@trueup/core';
import { headerForwardProblem, remoteUrlProblem } from '@trueup/mcp-workload';
import { caBundleRefValidated } from './ca-bundle.js';
import { externalAuthRef } from './external-auth-ref.js';
import { headerSecretRefsValidated } from './header-secrets.js';
import { MCPServerEntry } from './resource.js';

/** Judges MCPServerEntries. An entry is a record: nothing is made for it, and nobody connects to its server. */
@Reconciler(MCPServerEntry, { name: 'mcpserverentry-controller' })
@References(externalAuthRef)
export class MCPServerEntryReconciler {
  @Condition('RemoteURLValidated')
  remoteUrlValidated({ spec }: MCPServerEntry): Verdict {
    const problem = remoteUrlProblem(spec.remoteUrl, spec);
    return problem === undefined
      ? verdict.true('RemoteURLValid', 'Remote URL is valid')
      : verdict.false('RemoteURLInvalid', problem);
  }

  @Condition('CABundleRefValidated')
  caBundleRefValidated(entry: MCPServerEntry, ctx: Context): Promise<Verdict> {
    return caBundleRefValidated(entry, ctx);
  }

  @Condition('HeaderSecretRefsValidated')
  headerSecretRefsValidated({ metadata, spec }: MCPServerEntry, ctx: Context): Promise<Verdict> {
    return headerSecretRefsValidated(spec.headerForward, metadata.namespace ?? '', ctx);
  }

  @Condition('HeaderForwardValidated')
  headerForwardValidated({ spec }: MCPServerEntry): Verdict {
    const problem = headerForwardProblem(spec.headerForward);
    return problem === undefined ? verdict.absent : verdict.false('RestrictedHeader', problem);
  }

  /** Never True here: whether the group of an entry is there and ready is not looked at yet. */
  @Condition('Valid')
  valid(_entry: MCPServerEntry, ctx: Context): Verdict {
    // What is being looked at counts as it was, and so does the summary of it.
    return ctx.conditions.some(({ type, status }) => type !== 'Valid' && status === 'False')
      ? verdict.false('ConfigInvalid', 'One or more referenced resources are missing or invalid')
      : verdict.absent;
  }

  status(_entry: MCPServerEntry, ctx: Context): Readonly<Record<string, unknown>> {
    return { phase: findCondition(ctx.conditions, 'Valid')?.status === 'False' ? 'Failed' : 'Pending' };
  }
}
