export { ControlPlane, SettleTimeoutError } from './control-plane.js';
export type { Connection, ControlPlaneOptions, SettleOptions, UserToken } from './control-plane.js';
export type { Clock } from './clock.js';
export type { Attributes, PathAttributes, ResourceAttributes } from './authorization/attributes.js';
export { PermissionLog } from './authorization/permission-log.js';
export type { PermissionRecord } from './authorization/permission-log.js';
export type { Api, ObjectEvent, ResourceName } from './controllers/api.js';
export type { GivenMetric, GivenMetrics, MetricSubject } from './controllers/autoscaling/given-metrics.js';
export type { WorkloadSimulator } from './controllers/workload-simulator.js';
export type { Behaviour, BehaviourRule } from './controllers/workloads/behaviour.js';
export {
  ContainerExit,
  type ImageMatcher,
  type StandIn,
  type StandInContext,
} from './controllers/workloads/image-stand-ins.js';
export type { Faults } from './faults/fault-injector.js';
export type { Fault, FaultEffect, FaultMatch } from './faults/fault.js';
export { PortError } from './http/api-server.js';
export { duplexPair } from './http/duplex-pair.js';
export type { ClientCertificate } from './http/certificates.js';
export type { Kubeconfig } from './http/kubeconfig.js';
export { RequestRecorder } from './http/request-recorder.js';
export type { RequestRecord } from './http/request-recorder.js';
export type { Logger } from './logger.js';
export type { KubeObject, ManagedFieldsEntry, ObjectMeta, OwnerReference } from './object.js';
export type { ControllerSwitches } from './server-controllers.js';
export { DataInUseError } from './storage/directory-lock.js';
export { StatusError } from './status-error.js';
export type { FieldError, Status, StatusCause, StatusDetails } from './status-error.js';
export type { AuditLog, AuditRecord } from './webhooks/audit-log.js';
