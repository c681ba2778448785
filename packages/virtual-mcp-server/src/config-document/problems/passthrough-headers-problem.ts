import { headerForwardProblem } from '@trueup/mcp-workload';

/** What clients authenticate to the server with is for the server alone. */
const CREDENTIALS = ['authorization', 'cookie'];

/** What the name of a header is made of (RFC 9110, section 5.6.2). */
const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;

/** Why the process would refuse the section `passthroughHeaders`. */
export function passthroughHeadersProblem(headers: readonly string[] = []): string | undefined {
  for (const [index, header] of headers.entries()) {
    const problem = headerProblem(header);
    if (problem !== undefined) return `passthroughHeaders[${index}]: ${problem}`;
  }
  return undefined;
}

function headerProblem(header: string): string | undefined {
  if (header === '') return 'header name must not be empty';
  if (isRestricted(header))
    return `${JSON.stringify(canonical(header))} is a restricted header and cannot be forwarded`;
  return TOKEN.test(header) ? undefined : `invalid header name ${JSON.stringify(header)}: not an HTTP token`;
}

function isRestricted(header: string): boolean {
  if (CREDENTIALS.includes(header.toLowerCase())) return true;
  return headerForwardProblem({ addPlaintextHeaders: { [header]: '' } }) !== undefined;
}

/** `x-tenant-id` as Go writes it: `X-Tenant-Id`. */
function canonical(header: string): string {
  return header.toLowerCase().replace(/(^|-)[a-z]/g, (start) => start.toUpperCase());
}
