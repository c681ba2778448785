import type { Stored } from '@trueup/core';
import type { CompositeToolStep } from '../composite-tool-schema.js';

/** A step as it may be stored. */
export type Step = Stored<CompositeToolStep>;

/** Whether a text can name a tool: `github.search`, or as a server advertises it. */
export function isToolName(text: string): boolean {
  return /^[a-zA-Z0-9][a-zA-Z0-9._-]*$/.test(text);
}
