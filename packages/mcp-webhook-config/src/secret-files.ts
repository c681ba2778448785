import type { ContentRef, Volume, VolumeMount } from '@trueup/core';
import { fnv1a } from './fnv1a.js';
import {
  WEBHOOK_KINDS,
  type StoredSecretKeyRef,
  type StoredSpec,
  type StoredWebhook,
  type WebhookKind,
} from './stored.js';

const DIRECTORY = '/etc/toolhive/webhooks';

/** What a Secret key is for, as it is called in identifiers, and the file that holds it. */
const FILES = { hmac: 'hmac', tls_ca: 'ca.crt', tls_client_cert: 'tls.crt', tls_client_key: 'tls.key' } as const;

/** A Secret key as the proxy sees it: one file. */
export interface SecretFile {
  readonly identifier: string;
  readonly secret: ContentRef;
  readonly volume: Volume;
  /** A single file of the volume, so the kubelet does not bring it up to date: a rotated Secret takes a new pod. */
  readonly mount: Omit<VolumeMount, 'name'>;
}

/** The files of one webhook, by purpose. */
export interface WebhookFiles {
  readonly hmac?: SecretFile;
  readonly ca?: SecretFile;
  readonly clientCert?: SecretFile;
  readonly clientKey?: SecretFile;
}

/** The files of a webhook. Their names are visible in pods, so they follow the algorithm that ToolHive has always used. */
export function webhookFiles(kind: WebhookKind, { name = '', hmacSecretRef, tlsConfig }: StoredWebhook): WebhookFiles {
  const file = (purpose: keyof typeof FILES, ref: StoredSecretKeyRef | undefined) =>
    ref && secretFile(['WEBHOOK', kind, name, purpose], FILES[purpose], ref);
  return {
    hmac: file('hmac', hmacSecretRef),
    ca: file('tls_ca', tlsConfig?.caSecretRef),
    clientCert: file('tls_client_cert', tlsConfig?.clientCertSecretRef),
    clientKey: file('tls_client_key', tlsConfig?.clientKeySecretRef),
  };
}

/** The files of all webhooks, in their order. */
export function secretFiles(spec: StoredSpec): readonly SecretFile[] {
  return WEBHOOK_KINDS.flatMap((kind) =>
    (spec[kind] ?? []).flatMap((webhook) => Object.values(webhookFiles(kind, webhook))),
  ).filter((file) => file !== undefined);
}

function secretFile(words: readonly string[], file: string, { name = '', key = '' }: StoredSecretKeyRef): SecretFile {
  const identifier = identifierOf([...words, fnv1a(`(string)${name}/${key}`)].join('_'));
  return {
    identifier,
    secret: { kind: 'Secret', name, key },
    volume: {
      name: `whsec-${fnv1a(`(string)${identifier}`)}`,
      secret: { secretName: name, items: [{ key, path: file }] },
    },
    mount: { mountPath: `${DIRECTORY}/${identifier.toLowerCase()}/${file}`, subPath: file, readOnly: true },
  };
}

/** One character for each, as Go does it: JavaScript would make `SS` of an `ß`. */
function identifierOf(text: string): string {
  return Array.from(text, (character) => {
    const upper = character.toUpperCase();
    return /^[A-Z0-9_]$/.test(upper) ? upper : '_';
  }).join('');
}
