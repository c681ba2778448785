import { describe, expect, it } from '@jest/globals';
import { MCPExternalAuthConfigReconciler } from './reconciler.js';
import { EnterpriseRequiredError, OboConfigError, OboHandler } from './obo-handler.js';
import type { MCPExternalAuthConfig } from './resource.js';

const config = (spec: MCPExternalAuthConfig['spec']): MCPExternalAuthConfig => ({
  apiVersion: 'toolhive.stacklok.dev/v1beta1',
  kind: 'MCPExternalAuthConfig',
  metadata: { name: 'c', namespace: 'team' },
  spec,
});
const obo = config({ type: 'obo', obo: {} });

class Handler extends OboHandler {
  constructor(private readonly answer?: Error) {
    super();
  }

  override validate(): void {
    if (this.answer !== undefined) throw this.answer;
  }
}

describe('the condition Valid of a config of type obo', () => {
  it('asks for an enterprise build where no handler is registered', async () => {
    expect(await new MCPExternalAuthConfigReconciler(new OboHandler()).valid(obo)).toMatchObject({
      status: 'False',
      reason: 'EnterpriseRequired',
      message: 'on-behalf-of (OBO) external auth type requires an enterprise build',
    });
  });

  it.each([
    [
      'is True when the handler has nothing against it',
      undefined,
      { status: 'True', reason: 'ValidationSucceeded', message: 'Spec validation passed' },
    ],
    [
      'says what the handler says',
      new OboConfigError('obo.tenantId is required'),
      { status: 'False', reason: 'InvalidConfig', message: 'obo.tenantId is required' },
    ],
    [
      'sees through wrapped errors',
      new Error('handler', { cause: new EnterpriseRequiredError() }),
      { status: 'False', reason: 'EnterpriseRequired' },
    ],
  ])('%s', async (_, answer, verdict) => {
    expect(await new MCPExternalAuthConfigReconciler(new Handler(answer)).valid(obo)).toMatchObject(verdict);
  });

  it('leaves errors that may pass to a retry', async () => {
    const reconciler = new MCPExternalAuthConfigReconciler(new Handler(new Error('secret store is down')));
    await expect(reconciler.valid(obo)).rejects.toThrow('OBO handler validation failed: Error: secret store is down');
  });
});
