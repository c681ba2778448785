import type { ConfigDocument } from '../format/config-document.js';

type Aggregation = ConfigDocument['aggregation'];
type WorkloadTools = NonNullable<Aggregation['tools']>[number];

const STRATEGIES = ['prefix', 'priority', 'manual'];
const VISIBILITIES = ['allow', 'deny'];

/** Why the process would refuse the section `aggregation`. */
export function aggregationProblem(aggregation: Aggregation): string | undefined {
  return strategyProblem(aggregation) ?? visibilityProblem(aggregation) ?? toolsProblem(aggregation.tools ?? []);
}

function strategyProblem({
  conflictResolution,
  conflictResolutionConfig,
  tools = [],
}: Aggregation): string | undefined {
  const { prefixFormat, priorityOrder = [] } = conflictResolutionConfig ?? {};
  switch (conflictResolution) {
    case 'prefix':
      return prefixFormat === undefined ? 'prefixFormat is required for prefix strategy' : undefined;
    case 'priority': {
      if (priorityOrder.length === 0) return 'priorityOrder is required for priority strategy';
      const empty = priorityOrder.indexOf('');
      return empty === -1 ? undefined : `priority order contains empty backend ID at index ${empty}`;
    }
    case 'manual':
      return tools.length === 0 ? 'tool overrides are required for manual strategy' : undefined;
    default:
      return `conflictResolution must be one of: ${STRATEGIES.join(', ')}`;
  }
}

function visibilityProblem(aggregation: Aggregation): string | undefined {
  const { conflictResolution, conflictResolutionConfig, defaultToolVisibility, tools = [] } = aggregation;
  if (defaultToolVisibility === undefined) return undefined;
  if (!VISIBILITIES.includes(defaultToolVisibility)) {
    return `defaultToolVisibility must be one of: ${VISIBILITIES.join(', ')}`;
  }
  if (defaultToolVisibility !== 'deny' || conflictResolution !== 'priority') return undefined;
  const listed = new Set(tools.map(({ workload }) => workload));
  const hidden = conflictResolutionConfig?.priorityOrder?.find((workload) => !listed.has(workload));
  if (hidden === undefined) return undefined;
  const quoted = JSON.stringify(hidden);
  return (
    `defaultToolVisibility deny with priority strategy: priorityOrder entry ${quoted} has no tools entry; it could win a name ` +
    `conflict and then be withheld, hiding the tool entirely. Add a tools entry for ${quoted} or remove it from priorityOrder`
  );
}

function toolsProblem(tools: readonly WorkloadTools[]): string | undefined {
  const taken = new Set<string>();
  for (const [index, { workload, overrides = {} }] of tools.entries()) {
    if (workload === '') return `tools[${index}].workload is required`;
    if (taken.has(workload)) return `duplicate workload configuration: ${workload}`;
    taken.add(workload);
    const problem = overridesProblem(overrides, `tools[${index}].overrides`);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

/** Hints alone are an override, too; two tools of one name would not be told apart. */
function overridesProblem(overrides: NonNullable<WorkloadTools['overrides']>, path: string): string | undefined {
  const byName = new Map<string, string>();
  for (const [tool, { name, description, annotations }] of Object.entries(overrides)) {
    if (name === undefined && description === undefined && annotations === undefined) {
      return `${path}.${tool}: at least one of name or description must be specified`;
    }
    const other = name === undefined ? undefined : byName.get(name);
    if (other !== undefined) return `${path}: ${other} and ${tool} are both given the name ${JSON.stringify(name)}`;
    if (name !== undefined) byName.set(name, tool);
  }
  return undefined;
}
