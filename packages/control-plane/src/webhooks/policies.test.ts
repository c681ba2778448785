import { describe, expect, it } from '@jest/globals';
import { ControlPlane } from '../control-plane.js';
import { PlainClient, type Answer } from '../control-plane.test-support.js';
import type { JsonObject } from '../object.js';

const GROUP = 'admissionregistration.k8s.io';
const CONFIG_MAPS = '/api/v1/namespaces/default/configmaps';

/** Binds a policy about ConfigMaps. */
async function bind(
  { api }: ControlPlane,
  policy: JsonObject,
  bindings: Readonly<Record<string, JsonObject>> = { bound: {} },
): Promise<void> {
  const apiVersion = `${GROUP}/v1`;
  const rule = { apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE', 'UPDATE'], resources: ['configmaps'] };
  await api.create(
    { group: GROUP, plural: 'validatingadmissionpolicies' },
    {
      apiVersion,
      kind: 'ValidatingAdmissionPolicy',
      metadata: { name: 'rule' },
      spec: { matchConstraints: { resourceRules: [rule] }, ...policy },
    },
  );
  for (const [name, spec] of Object.entries(bindings)) {
    await api.create(
      { group: GROUP, plural: 'validatingadmissionpolicybindings' },
      {
        apiVersion,
        kind: 'ValidatingAdmissionPolicyBinding',
        metadata: { name },
        spec: { policyName: 'rule', validationActions: ['Deny'], ...spec },
      },
    );
  }
}

function create(controlPlane: ControlPlane, data: Record<string, string>): Promise<Answer> {
  return new PlainClient(controlPlane).post(CONFIG_MAPS, { metadata: { name: 'c', labels: { app: 'a' } }, data });
}

const denied = `configmaps "c" is forbidden: ValidatingAdmissionPolicy 'rule' with binding 'bound' denied request: `;

describe('a ValidatingAdmissionPolicy', () => {
  it.each([
    { what: 'the message', validation: { message: 'too big' }, message: 'too big' },
    {
      what: 'the expression where there is no message',
      validation: {},
      message: 'failed expression: int(object.data.n) < 3',
    },
    {
      what: 'a message made of the object',
      validation: { messageExpression: "object.data.n + ' is too big'" },
      message: '5 is too big',
    },
    {
      what: 'the message where the expression for it fails',
      validation: { message: 'too big', messageExpression: 'object.data.nope' },
      message: 'too big',
    },
  ])('refuses what breaks it with $what', async ({ validation, message }) => {
    await using controlPlane = await ControlPlane.start({ tls: false });
    await bind(controlPlane, { validations: [{ expression: 'int(object.data.n) < 3', ...validation }] });

    const small = await new PlainClient(controlPlane).post(CONFIG_MAPS, { metadata: { name: 's' }, data: { n: '1' } });
    const big = await create(controlPlane, { n: '5' });

    expect(small.status).toBe(201);
    expect(big).toMatchObject({ status: 422, body: { reason: 'Invalid', message: denied + message } });
  });

  it('gives its own reason', async () => {
    await using controlPlane = await ControlPlane.start({ tls: false });
    await bind(controlPlane, { validations: [{ expression: 'false', reason: 'Forbidden' }] });

    expect(await create(controlPlane, {})).toMatchObject({ status: 403, body: { reason: 'Forbidden' } });
  });

  it('reads variables, the namespace and who asks', async () => {
    await using controlPlane = await ControlPlane.start({ tls: false });
    const variables = [
      { name: 'team', expression: "namespaceObject.metadata.name + '/' + object.data.team" },
      { name: 'isAdmin', expression: "'system:masters' in request.userInfo.groups" },
    ];
    await bind(controlPlane, {
      variables,
      validations: [
        { expression: "!variables.isAdmin || variables.team == 'default/a'", messageExpression: 'variables.team' },
      ],
    });

    expect(await create(controlPlane, { team: 'b' })).toMatchObject({ body: { message: `${denied}default/b` } });
    expect(await create(controlPlane, { team: 'a' })).toMatchObject({ status: 201 });
  });

  it('bound with Audit lets through what it notes, with annotations of its own', async () => {
    await using controlPlane = await ControlPlane.start({ tls: false });
    const policy = {
      validations: [{ expression: 'true' }, { expression: 'int(object.data.n) < 3', message: 'too big' }],
      auditAnnotations: [
        { key: 'size', valueExpression: "'it is ' + object.data.n" },
        { key: 'nothing', valueExpression: 'null' },
      ],
    };
    await bind(controlPlane, policy, { bound: { validationActions: ['Audit'] } });

    expect(await create(controlPlane, { n: '5' })).toMatchObject({ status: 201 });

    const failure = { message: 'too big', policy: 'rule', binding: 'bound', expressionIndex: 1 };
    expect(controlPlane.audit.records()).toEqual([
      {
        user: 'admin',
        operation: 'CREATE',
        group: '',
        resource: 'configmaps',
        namespace: 'default',
        name: 'c',
        annotations: {
          'rule/size': 'it is 5',
          'validation.policy.admission.k8s.io/validation_failure': JSON.stringify([
            { ...failure, validationActions: ['Audit'] },
          ]),
        },
      },
    ]);
  });

  it('asks what the user, or a service account, may do', async () => {
    await using controlPlane = await ControlPlane.start({ tls: false });
    const questions = [
      "authorizer.group('').resource('secrets').namespace('default').check('get').allowed()",
      "authorizer.requestResource.check('delete').allowed()",
      "authorizer.path('/metrics').check('get').allowed()",
      "authorizer.serviceAccount('default', 'a').path('/version').check('get').allowed()",
      "authorizer.serviceAccount('default', 'a').group('apps').resource('deployments').subresource('scale').name('d').check('patch').allowed()",
    ];
    const answers = questions.map((question) => `string(${question})`).join(" + ' ' + ");
    await bind(controlPlane, { validations: [{ expression: 'false', messageExpression: answers }] });

    expect(await create(controlPlane, {})).toMatchObject({ body: { message: `${denied}true true true true false` } });
  });

  it('cannot ask about what has no name', async () => {
    await using controlPlane = await ControlPlane.start({ tls: false });
    await bind(controlPlane, { validations: [{ expression: "authorizer.path('').check('get').allowed()" }] });

    const message = `${denied}expression 'authorizer.path('').check('get').allowed()' resulted in error: path must not be empty`;
    expect(await create(controlPlane, {})).toMatchObject({ body: { message } });
  });

  it.each([
    { where: 'Fail', status: 422 },
    { where: 'Ignore', status: 201 },
  ])('that cannot be evaluated follows its failurePolicy $where', async ({ where, status }) => {
    await using controlPlane = await ControlPlane.start({ tls: false });
    await bind(controlPlane, { failurePolicy: where, validations: [{ expression: 'object.data.nope == "x"' }] });

    expect(await create(controlPlane, {})).toMatchObject({ status });
  });

  it('warns where it is bound to warn', async () => {
    await using controlPlane = await ControlPlane.start({ tls: false });
    await bind(
      controlPlane,
      { validations: [{ expression: 'false', message: 'careful' }] },
      {
        bound: { validationActions: ['Warn'] },
      },
    );

    const { status, headers } = await create(controlPlane, {});

    expect(status).toBe(201);
    expect(headers.get('warning')).toBe(
      `299 - "Validation failed for ValidatingAdmissionPolicy 'rule' with binding 'bound': careful"`,
    );
  });

  it('holds only for what its binding selects', async () => {
    await using controlPlane = await ControlPlane.start({ tls: false });
    await bind(
      controlPlane,
      { validations: [{ expression: 'false' }] },
      {
        bound: { matchResources: { objectSelector: { matchLabels: { app: 'b' } } } },
      },
    );

    expect(await create(controlPlane, {})).toMatchObject({ status: 201 });
  });

  describe('with params', () => {
    const policy = {
      paramKind: { apiVersion: 'v1', kind: 'ConfigMap' },
      validations: [
        { expression: 'int(object.data.n) <= int(params.data.max)', messageExpression: "'at most ' + params.data.max" },
      ],
    };

    it('measures by the object that its binding names', async () => {
      await using controlPlane = await ControlPlane.start({ tls: false });
      await new PlainClient(controlPlane).post(CONFIG_MAPS, { metadata: { name: 'limits' }, data: { max: '3' } });
      await bind(controlPlane, policy, { bound: { paramRef: { name: 'limits', parameterNotFoundAction: 'Deny' } } });

      expect(await create(controlPlane, { n: '4' })).toMatchObject({ body: { message: `${denied}at most 3` } });
      expect(await create(controlPlane, { n: '3' })).toMatchObject({ status: 201 });
    });

    it.each([
      { action: 'Deny', status: 422 },
      { action: 'Allow', status: 201 },
    ])('that are not there follows parameterNotFoundAction $action', async ({ action, status }) => {
      await using controlPlane = await ControlPlane.start({ tls: false });
      await bind(controlPlane, policy, { bound: { paramRef: { name: 'gone', parameterNotFoundAction: action } } });

      expect(await create(controlPlane, { n: '4' })).toMatchObject({ status });
    });
  });

  it('is refused when an expression does not compile', async () => {
    await using controlPlane = await ControlPlane.start({ tls: false });

    await expect(bind(controlPlane, { validations: [{ expression: 'objekt.x' }] })).rejects.toThrow(
      /spec\.validations\[0\]\.expression: Invalid value: "objekt\.x": compilation failed: .*undeclared reference to 'objekt'/,
    );
  });
});
