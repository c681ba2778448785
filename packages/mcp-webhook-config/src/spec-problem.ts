import { formatContentRef, formatGoDuration, mistypedField, parseGoDuration } from '@trueup/core';
import { MCPWebhookConfig } from './resource.js';
import { secretFiles, type SecretFile } from './secret-files.js';
import { WEBHOOK_KINDS, type StoredSecretKeyRef, type StoredSpec, type StoredWebhook } from './stored.js';
import { urlProblem } from './url-problem.js';

const SECOND = 1_000_000_000n;
const LONGEST = 30n * SECOND;
const MAX_NAME_LENGTH = 63;

/** What is wrong with a spec: the first problem of each webhook, a line each; undefined when nothing is. */
export function specProblem(spec: StoredSpec): string | undefined {
  return mistypedField(MCPWebhookConfig, spec) ?? webhooksProblem(spec);
}

function webhooksProblem(spec: StoredSpec): string | undefined {
  const webhooks = WEBHOOK_KINDS.flatMap((kind) =>
    (spec[kind] ?? []).map((webhook, index, list) => ({ kind, webhook, index, earlier: list.slice(0, index) })),
  );
  if (webhooks.length === 0) return 'at least one validating or mutating webhook must be defined';
  const lines = webhooks.flatMap(({ kind, webhook, index, earlier }) => {
    const isDuplicate = earlier.some(({ name }) => name === webhook.name);
    const problem = webhookProblem(webhook) ?? (isDuplicate ? 'duplicate name' : undefined);
    return problem === undefined ? [] : [`${kind} webhook[${index}] ${JSON.stringify(webhook.name ?? '')}: ${problem}`];
  });
  return lines.length > 0 ? lines.join('\n') : collision(spec);
}

function webhookProblem(webhook: StoredWebhook): string | undefined {
  const { name, url, failurePolicy, timeout, tlsConfig = {}, hmacSecretRef } = webhook;
  if (!name) return 'webhook name is required';
  if (name.length > MAX_NAME_LENGTH) return `webhook name must have at most ${MAX_NAME_LENGTH} characters`;
  if (!url) return 'webhook URL is required';
  return (
    urlProblem(url, tlsConfig.insecureSkipVerify === true) ??
    failurePolicyProblem(failurePolicy) ??
    timeoutProblem(timeout) ??
    tlsProblem(tlsConfig) ??
    secretRefProblem('hmacSecretRef', hmacSecretRef)
  );
}

/** Compared in lower case: objects that are older than the list of allowed values may have any spelling. */
function failurePolicyProblem(policy = 'fail'): string | undefined {
  if (['fail', 'ignore'].includes(policy.toLowerCase())) return undefined;
  return `webhook failure_policy must be "fail" or "ignore", got ${JSON.stringify(policy)}`;
}

function timeoutProblem(timeout = '0s'): string | undefined {
  const nanoseconds = parseGoDuration(timeout);
  if (nanoseconds === undefined) return `webhook timeout ${JSON.stringify(timeout)} is not a valid duration`;
  // Zero leaves it to the proxy, whose default is 10 s.
  if (nanoseconds !== 0n && nanoseconds < SECOND) return 'webhook timeout must be between 1s and 30s';
  return nanoseconds > LONGEST ? `webhook timeout ${formatGoDuration(nanoseconds)} exceeds maximum 30s` : undefined;
}

function tlsProblem(tls: NonNullable<StoredWebhook['tlsConfig']>): string | undefined {
  const { caSecretRef, clientCertSecretRef, clientKeySecretRef } = tls;
  if ((clientCertSecretRef === undefined) !== (clientKeySecretRef === undefined)) {
    return 'webhook TLS config: both clientCertSecretRef and clientKeySecretRef must be set for mTLS';
  }
  return (
    secretRefProblem('tlsConfig.caSecretRef', caSecretRef) ??
    secretRefProblem('tlsConfig.clientCertSecretRef', clientCertSecretRef) ??
    secretRefProblem('tlsConfig.clientKeySecretRef', clientKeySecretRef)
  );
}

function secretRefProblem(field: string, ref: StoredSecretKeyRef | undefined): string | undefined {
  return ref === undefined || (ref.name && ref.key) ? undefined : `webhook ${field} needs a name and a key`;
}

/** Files are called by hashes of 32 bits; two that would be one must not be mounted in each other's place. */
function collision(spec: StoredSpec): string | undefined {
  const seen = new Map<string, SecretFile>();
  for (const file of secretFiles(spec)) {
    const other = seen.get(file.volume.name) ?? file;
    const [secret, otherSecret] = [formatContentRef(file.secret), formatContentRef(other.secret)];
    if (other.identifier !== file.identifier || otherSecret !== secret) {
      return `the files ${other.mount.mountPath} of ${otherSecret} and ${file.mount.mountPath} of ${secret} would share the volume ${file.volume.name}; rename one of the webhooks`;
    }
    seen.set(file.volume.name, file);
  }
  return undefined;
}
