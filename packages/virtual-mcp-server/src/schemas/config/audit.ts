import { z } from 'zod';

/** What is written to the audit log. */
export const audit = z.object({
  enabled: z.boolean().default(false).describe('Writes an audit log.'),
  component: z.string().optional().describe('Name of the component in the log; that of the server when absent.'),
  eventTypes: z.array(z.string()).optional().describe('Types of events to write; all when absent.'),
  excludeEventTypes: z.array(z.string()).optional().describe('Types of events to leave out.'),
  includeRequestData: z.boolean().default(false).describe('Writes what was asked.'),
  includeResponseData: z.boolean().default(false).describe('Writes what was answered.'),
  detectApplicationErrors: z.boolean().default(true).describe('Looks into answers for errors of the tool.'),
  maxDataSize: z.int().default(1024).describe('How much of a request or answer is written, in bytes.'),
  maxDelegationDepth: z.int().min(1).default(10).describe('How many actors of a delegated token are written.'),
  logFile: z.string().optional().describe('File to write to; standard output when absent.'),
});
