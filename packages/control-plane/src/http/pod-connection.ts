import { numberAt, objectAt, objectsAt, specOf, statusOf, stringAt } from '../access.js';
import { badRequest, plainError } from '../resources/errors.js';
import type { StatusError } from '../status-error.js';
import type { StoredObject } from '../storage/table.js';
import { containerOf } from './pod-container.js';

/** Subresources of pods that are connections to what runs in them. */
const CONNECTIONS = ['attach', 'exec', 'portforward'];
const KUBELET_PORT = 10_250;

export function isPodConnection(subresource: string | undefined): boolean {
  return subresource !== undefined && CONNECTIONS.includes(subresource);
}

export interface PodConnection {
  readonly pod: StoredObject;
  readonly subresource: string | undefined;
  readonly query: URLSearchParams;
  /** What the client wants to speak after HTTP: `websocket`, `SPDY/3.1`. */
  readonly upgrade: string | undefined;
  findNode(name: string): StoredObject | undefined;
}

/**
 * Why a connection to a pod does not come about: nothing runs in it, so the answer is that of a server which cannot reach
 * the kubelet of its node.
 */
export function connectionError({ pod, subresource, query, upgrade, findNode }: PodConnection): StatusError {
  if (subresource !== 'portforward') containerOf(pod, query.get('container') ?? '');
  const nodeName = stringAt(specOf(pod), 'nodeName');
  if (nodeName === '') return badRequest(`pod ${pod.metadata.name ?? ''} does not have a host assigned`);
  if (upgrade === undefined) return badRequest('Upgrade request required');
  const status = statusOf(findNode(nodeName) ?? { apiVersion: '', kind: '', metadata: {} });
  const internal = objectsAt(status, 'addresses').find(({ type }) => type === 'InternalIP') ?? {};
  const endpoint = objectAt(objectAt(status, 'daemonEndpoints'), 'kubeletEndpoint');
  const kubelet = `${stringAt(internal, 'address') || nodeName}:${numberAt(endpoint, 'Port') || KUBELET_PORT}`;
  return plainError(`error dialing backend: dial tcp ${kubelet}: connect: connection refused`);
}
