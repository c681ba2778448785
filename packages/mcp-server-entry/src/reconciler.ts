import {
  Condition,
  ConfigMap,
  findCondition,
  isConditionTrue,
  ReadsContents,
  Reconciler,
  References,
  Secret,
  verdict,
  type ConditionStatus,
  type Context,
  type Verdict,
} from '@trueup/core';
import { headerForwardProblem, remoteUrlProblem } from '@trueup/mcp-workload';
import { caBundleRefValidated } from './ca-bundle.js';
import { externalAuthRef } from './external-auth-ref.js';
import { entryGroupRef } from './group-ref.js';
import { headerSecretRefsValidated } from './header-secrets.js';
import { MCPServerEntry } from './resource.js';

/** Judges MCPServerEntries. An entry is a record: nothing is made for it, and nobody connects to its server. */
@Reconciler(MCPServerEntry, { name: 'mcpserverentry-controller' })
@References(entryGroupRef, externalAuthRef)
@ReadsContents(Secret, ConfigMap)
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

  @Condition('Valid', { observes: [] })
  valid(_entry: MCPServerEntry, ctx: Pick<Context, 'conditions' | 'isApplied'>): Verdict {
    const others = checksOf(ctx);
    if (others.some(({ status }) => status === 'False')) {
      return verdict.false('ConfigInvalid', 'One or more referenced resources are missing or invalid');
    }
    if (others.some(({ status }) => status === 'Unknown')) return verdict.absent;
    // What is being looked at counts as it was, and so does the summary of it.
    return ctx.isApplied ? verdict.true('ConfigValid', 'All referenced resources are valid') : verdict.unchanged;
  }

  /** For whoever waits for an entry as for any other kind; says which check it is that fails. */
  @Condition('Ready', { observes: [] })
  ready(_entry: MCPServerEntry, ctx: Pick<Context, 'conditions' | 'isApplied'>): Verdict {
    const checks = checksOf(ctx);
    const cause = checks.find(({ status }) => status === 'False') ?? checks.find(({ status }) => status === 'Unknown');
    if (cause !== undefined) return verdict.false(cause.reason, cause.message);
    return ctx.isApplied
      ? verdict.true('Ready', 'The entry can be served by the gateways of its group')
      : verdict.unchanged;
  }

  status(_entry: MCPServerEntry, ctx: Context): Readonly<Record<string, unknown>> {
    if (isConditionTrue(ctx.conditions, 'Valid')) return { phase: 'Valid' };
    return { phase: findCondition(ctx.conditions, 'Valid') === undefined ? 'Pending' : 'Failed' };
  }
}

/** What was checked, without what is concluded of it. */
function checksOf({ conditions }: Pick<Context, 'conditions'>): readonly ConditionStatus[] {
  return conditions.filter(({ type }) => type !== 'Valid' && type !== 'Ready');
}
