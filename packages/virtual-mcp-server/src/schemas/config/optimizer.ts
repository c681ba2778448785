import { entryCount, rule } from '@trueup/core';
import { z } from 'zod';
import { goDuration } from '../go-duration.js';

const decimal = () => z.string().regex(/^([0-9]*[.])?[0-9]+$/);

const headerValue = z
  .string()
  .min(1)
  .max(8192)
  .regex(/^[^\x00-\x08\x0A-\x1F\x7F]*$/);

/** Shows clients a search over all tools instead of the tools themselves. */
export const optimizer = rule(
  z.object({
    embeddingService: z
      .string()
      .optional()
      .describe('Where the embedding service is reached; found out by itself with `spec.embeddingServerRef`.'),
    embeddingServiceTimeout: goDuration().default('30s').describe('How long that service may take.'),
    embeddingProvider: z
      .enum(['tei', 'openai'])
      .default('tei')
      .describe('What it speaks: that of Text Embeddings Inference or the API of OpenAI.'),
    embeddingModel: z.string().optional().describe('Model to use; needed by `openai`.'),
    embeddingHeaders: entryCount(z.record(z.string(), headerValue), { max: 32 })
      .optional()
      .describe('Further headers of requests to an `openai` service; not for credentials.'),
    maxToolsToReturn: z.int().min(1).max(50).optional().describe('How many tools a search gives; 8 when absent.'),
    hybridSearchSemanticRatio: decimal()
      .optional()
      .describe('How much meaning counts against words, from 0 to 1; 0.5 when absent.'),
    semanticDistanceThreshold: decimal()
      .optional()
      .describe('How far from the query a tool may be, from 0 to 2; 1.0 when absent.'),
  }),
  {
    rule: "!has(self.embeddingHeaders) || (has(self.embeddingProvider) && self.embeddingProvider == 'openai')",
    message: "embeddingHeaders is only supported when embeddingProvider is 'openai'",
  },
  {
    rule: "!has(self.embeddingHeaders) || self.embeddingHeaders.all(k, k.matches('^[!#$%&\\\\x27*+.^_\\\\x60|~0-9A-Za-z-]+$') && !(k.lowerAscii() in ['authorization', 'content-type']))",
    message:
      'embeddingHeaders names must be valid HTTP header names and must not include Authorization or Content-Type',
  },
);
