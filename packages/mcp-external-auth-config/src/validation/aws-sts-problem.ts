import type { Stored } from '@trueup/core';
import type { MCPExternalAuthConfig } from '../resource.js';
import { claimsMatcherProblem } from '@trueup/mcp-auth-server';

type AwsSts = Stored<NonNullable<MCPExternalAuthConfig['spec']['awsSts']>>;

/** The first thing wrong with the settings of type `awsSts`. */
export function awsStsProblem({
  region,
  fallbackRoleArn,
  roleMappings = [],
  sessionDuration,
}: AwsSts): string | undefined {
  if (!region) return 'awsSts.region is required';
  if (!fallbackRoleArn && roleMappings.length === 0) {
    return 'awsSts: at least one of fallbackRoleArn or roleMappings must be configured';
  }
  for (const [index, { roleArn, claim, matcher }] of roleMappings.entries()) {
    const mapping = `awsSts.roleMappings[${index}]`;
    if (!roleArn) return `${mapping}.roleArn is required`;
    if (!claim && !matcher) return `${mapping}: exactly one of claim or matcher must be set`;
    if (claim && matcher) return `${mapping}: claim and matcher are mutually exclusive`;
    const problem = matcher ? claimsMatcherProblem(matcher) : undefined;
    if (problem !== undefined) return `${mapping}: invalid matcher: ${problem}`;
  }
  const isInRange = sessionDuration === undefined || (sessionDuration >= 900 && sessionDuration <= 43200);
  return isInRange ? undefined : 'awsSts.sessionDuration must be between 900 and 43200 seconds';
}
