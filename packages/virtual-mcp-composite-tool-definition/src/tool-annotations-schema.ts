import { z } from 'zod';

/** What a tool says about itself in MCP. */
export const toolAnnotationsSchema = z.object({
  title: z.string().optional().describe('Title for people.'),
  readOnlyHint: z.boolean().optional().describe('It changes nothing.'),
  destructiveHint: z.boolean().optional().describe('It may destroy something.'),
  idempotentHint: z.boolean().optional().describe('Calling it again with the same arguments changes nothing more.'),
  openWorldHint: z.boolean().optional().describe('It deals with the world outside.'),
});
