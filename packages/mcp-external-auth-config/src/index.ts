export { MCPExternalAuthConfig } from './resource.js';
export { MCPExternalAuthConfigReconciler } from './reconciler.js';
export { mcpExternalAuthConfig } from './module.js';
export {
  EnterpriseRequiredError,
  OboConfigError,
  OboHandler,
  type Middleware,
  type OboStrategy,
} from './obo-handler.js';
export {
  isForVirtualServerOnly,
  TOKEN_EXCHANGE_CLIENT_SECRET,
  workloadAuth,
  type TokenExchangeConfig,
  type WorkloadAuth,
} from './workload-auth.js';
