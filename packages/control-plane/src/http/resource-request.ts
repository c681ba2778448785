import type { AccessControl } from '../authorization/access-control.js';
import type { Clock } from '../clock.js';
import type { PodLogs } from '../controllers/workloads/pod-logs.js';
import type { FaultInjector } from '../faults/fault-injector.js';
import type { FaultSubject } from '../faults/fault.js';
import type { Resource } from '../resources/resource.js';
import type { UserInfo, WritableSubresource, WriteContext, WritePipeline } from '../resources/write-context.js';
import type { Authenticator } from './authentication.js';
import type { ApiRequest, ApiResponse } from './messages.js';
import type { WriteOptions } from './query-options.js';
import type { ResourceRoute } from './route.js';

/** A request for a resource that is served at its path, with a verb that it has. */
export interface ResourceRequest {
  readonly request: ApiRequest;
  readonly response: ApiResponse;
  readonly query: URLSearchParams;
  readonly route: ResourceRoute;
  readonly resource: Resource;
  readonly verb: string;
  readonly user: UserInfo;
  /** What faults see of it. */
  readonly faultSubject: FaultSubject;
  readonly pretty: boolean;
  warn(text: string): void;
  /** Checks that the user may create the object that the request names. @throws StatusError 403. */
  authorizeCreation(): void;
  /** Tells that something was stored. */
  changed(): void;
  /** Sets the headers that only the end of the request knows, for an answer that is a stream. */
  sendHeaders(): void;
}

export interface HandlerContext {
  readonly pipeline: WritePipeline;
  readonly access: AccessControl;
  readonly authenticator: Authenticator;
  readonly faults: FaultInjector;
  readonly clock: Clock;
  /** Absent when no pods are played. */
  readonly logs: PodLogs | undefined;
}

/** What the write pipeline needs to know of a request. */
export function writeContext(request: ResourceRequest, options: WriteOptions): WriteContext {
  const { resource, route, user, authorizeCreation, warn } = request;
  const subresource = writable(route.subresource);
  return {
    resource,
    ...(route.namespace === undefined ? {} : { namespace: route.namespace }),
    ...(subresource === undefined ? {} : { subresource }),
    user,
    manager: options.fieldManager ?? managerOf(request.request.headers['user-agent']),
    dryRun: options.dryRun,
    fieldValidation: options.fieldValidation,
    options: options.given,
    authorizeCreation,
    warn,
  };
}

function writable(subresource: string | undefined): WritableSubresource | undefined {
  return subresource === 'status' || subresource === 'scale' || subresource === 'finalize' ? subresource : undefined;
}

const MANAGER_LENGTH = 128;

/** The field manager of a client that names none: its User-Agent up to the first slash. */
function managerOf(userAgent: string | undefined): string {
  const name = (userAgent ?? '').split('/')[0]?.replace(/\p{C}/gu, '').slice(0, MANAGER_LENGTH) ?? '';
  return name === '' ? 'unknown' : name;
}
