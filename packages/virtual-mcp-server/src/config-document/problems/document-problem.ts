import type { ConfigDocument } from '../format/config-document.js';
import { aggregationProblem } from './aggregation-problem.js';
import { incomingAuthProblem } from './incoming-auth-problem.js';
import { operationalProblem } from './operational-problem.js';
import { optimizerProblem } from './optimizer-problem.js';
import { passthroughHeadersProblem } from './passthrough-headers-problem.js';

/**
 * Why the process would not start with a configuration, in its own words, one reason a section; undefined when there is none.
 * What it would say of single backends is seen to where these are made: they are left out.
 */
export function documentProblem(document: ConfigDocument): string | undefined {
  const { operational, optimizer } = document;
  const problems = [
    document.groupRef === undefined ? 'group reference is required' : undefined,
    incomingAuthProblem(document.incomingAuth),
    aggregationProblem(document.aggregation),
    operational && operationalProblem(operational),
    compositeToolRefsProblem(document.compositeToolRefs),
    passthroughHeadersProblem(document.passthroughHeaders),
    optimizer && optimizerProblem(optimizer),
  ].filter((problem) => problem !== undefined);
  return problems.length === 0 ? undefined : problems.join('; ');
}

function compositeToolRefsProblem(refs: ConfigDocument['compositeToolRefs'] = []): string | undefined {
  const taken = new Set<string>();
  for (const [index, { name }] of refs.entries()) {
    if (name === '') return `compositeToolRefs[${index}].name is required`;
    if (taken.has(name)) return `duplicate composite tool reference: ${name}`;
    taken.add(name);
  }
  return undefined;
}
