import { int32, listMap, rule } from '@trueup/core';
import { z } from 'zod';

const bucket = z.object({
  maxTokens: int32().min(1).describe('How many calls fit into the bucket.'),
  refillPeriod: z.string().describe('How long an empty bucket takes to fill, like 1m.'),
});

const scopes = {
  shared: bucket.optional().describe('One bucket for all users together.'),
  perUser: bucket.optional().describe('A bucket for every authenticated user.'),
};

const toolLimit = rule(z.object({ name: z.string().min(1).describe('Name of the tool.'), ...scopes }), {
  rule: 'has(self.shared) || has(self.perUser)',
  message: 'at least one of shared or perUser must be configured',
});

/** How many calls are let through. */
export const rateLimitingSchema = rule(
  z.object({
    ...scopes,
    tools: listMap(z.array(toolLimit), ['name']).optional().describe('Further buckets for single tools.'),
  }),
  {
    rule: 'has(self.shared) || has(self.perUser) || (has(self.tools) && size(self.tools) > 0)',
    message: 'at least one of shared, perUser, or tools must be configured',
  },
);
