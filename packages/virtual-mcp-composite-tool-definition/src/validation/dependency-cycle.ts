/** A step by what it waits for. */
interface Waiting {
  readonly id?: string;
  readonly dependsOn?: readonly string[];
}

/** The first step, in the order of the list, that lies on a cycle of dependencies or waits for one; undefined when none does. */
export function firstStepBeforeCycle(steps: readonly Waiting[]): string | undefined {
  const done = new Set<string>();
  let rest = steps;
  for (;;) {
    // Those that wait for nothing any more go, until none does; what is left waits for ever.
    const waiting = rest.filter(({ dependsOn = [] }) => !dependsOn.every((id) => done.has(id)));
    if (waiting.length === 0 || waiting.length === rest.length) return waiting[0]?.id;
    for (const { id = '' } of rest.filter((step) => !waiting.includes(step))) done.add(id);
    rest = waiting;
  }
}
