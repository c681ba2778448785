import { int64 } from '@trueup/core';
import { z } from 'zod';
import { goDuration } from '../go-duration.js';

/** Lets clients send a script that calls several tools. */
export const codeMode = z.object({
  enabled: z.boolean().optional().describe('Offers the tool that runs scripts.'),
  stepLimit: int64().min(1).default(100_000).describe('How many steps a script may take.'),
  parallelMaxConcurrency: z.int().min(1).default(10).describe('How many calls a script may make at once.'),
  toolCallTimeout: goDuration().default('30s').describe('How long each call of a script may take.'),
});
