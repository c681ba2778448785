import { SpecError, type ResourceRequirements } from '@trueup/core';
import { canonicalQuantity, QuantityError } from '../formats/quantity.js';

/** Processor and memory as workloads declare them. */
export interface WorkloadResources {
  readonly limits?: Quantities;
  readonly requests?: Quantities;
}

interface Quantities {
  readonly cpu?: string;
  readonly memory?: string;
}

/**
 * The resources of a container; empty entries are left out.
 * @throws {@link SpecError} naming the field when a text is not a quantity.
 */
export function resourceRequirements(resources: WorkloadResources = {}): ResourceRequirements | undefined {
  const limits = canonical(resources.limits, 'spec.resources.limits');
  const requests = canonical(resources.requests, 'spec.resources.requests');
  return limits === undefined && requests === undefined
    ? undefined
    : { ...(limits && { limits }), ...(requests && { requests }) };
}

function canonical(quantities: Quantities = {}, path: string): Readonly<Record<string, string>> | undefined {
  const { cpu, memory } = quantities;
  const entries = Object.entries({ cpu, memory }).flatMap(([name, text]) =>
    text ? [[name, quantity(text, `${path}.${name}`)] as const] : [],
  );
  return entries.length === 0 ? undefined : Object.fromEntries(entries);
}

function quantity(text: string, path: string): string {
  try {
    return canonicalQuantity(text);
  } catch (error) {
    if (error instanceof QuantityError) throw new SpecError(`${path}: "${text}": ${error.message}`);
    throw error;
  }
}
