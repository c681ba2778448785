import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { ConfigMap, Deployment, Namespace, Pod, Secret, type PolicyRule } from '../builtin-kinds.js';
import { verdict, type Verdict } from '../conditions/verdict.js';
import { Condition } from '../decorators/condition.js';
import { Owns } from '../decorators/owns.js';
import { permission, Permissions } from '../decorators/permissions.js';
import { ReadsContents } from '../decorators/reads-contents.js';
import { Reconciler } from '../decorators/reconciler.js';
import { References } from '../decorators/references.js';
import { SharedConfig } from '../decorators/shared-config.js';
import { Mutates } from '../decorators/mutates.js';
import { Validates } from '../decorators/validates.js';
import { Watches } from '../decorators/watches.js';
import { defineKind } from '../kind/define-kind.js';
import { defineModule, type Constructor } from '../operator/module.js';
import { configRef } from '../references/config-ref.js';
import { mergeRules } from './policy-rules.js';
import { operatorPermissions, type OperatorPermissions, type PermissionOptions } from './operator-permissions.js';

const spec = z.object({ configName: z.string().optional() });
const Widget = defineKind({ group: 'example.com', kind: 'Widget', versions: { v1: {} }, spec });
const Config = defineKind({ group: 'example.com', kind: 'Config', versions: { v1: {} }, spec });
const Fleet = defineKind({ group: 'example.com', kind: 'Fleet', scope: 'Cluster', versions: { v1: {} }, spec });
const configRefOfWidget = configRef({
  from: Widget,
  to: Config,
  name: (widget) => widget.spec.configName,
  condition: 'ConfigValidated',
});

function permissionsOf(reconcilers: readonly Constructor[], options?: PermissionOptions): OperatorPermissions {
  return operatorPermissions([defineModule({ name: 'test', kinds: [], reconcilers })], options);
}

/** `example.com/widgets: get list watch`, so that a failure reads. */
const lines = (rules: readonly PolicyRule[]) =>
  rules.map(({ apiGroups = [], resources = [], resourceNames = [], verbs }) => {
    const names = resourceNames.length === 0 ? '' : ` named ${resourceNames.join(' ')}`;
    return `${apiGroups.join()}/${resources.join(' ')}${names}: ${verbs.join(' ')}`;
  });

describe('the permissions of an operator', () => {
  it('are those to read its kind, to write its status, and to emit events, for a class that only judges', () => {
    @Reconciler(Widget)
    class WidgetReconciler {
      @Condition('Fine')
      fine(): Verdict {
        return verdict.true('Fine');
      }
    }
    expect(permissionsOf([WidgetReconciler])).toEqual({ namespaced: expect.anything(), cluster: [], ownNamespace: [] });
    expect(lines(permissionsOf([WidgetReconciler]).namespaced)).toEqual([
      'events.k8s.io/events: create patch',
      'example.com/widgets: get list watch',
      'example.com/widgets/status: patch',
    ]);
  });

  it('follow from what is owned, watched, referenced and read, and from a finalizer', () => {
    @Reconciler(Widget)
    @Owns(Deployment, ConfigMap)
    @Watches(Pod, { map: () => [] })
    @References(configRefOfWidget)
    @ReadsContents(Secret)
    class WidgetReconciler {
      finalize(): void {}
    }
    expect(lines(permissionsOf([WidgetReconciler]).namespaced)).toEqual([
      '/configmaps: create delete get list patch watch',
      '/pods secrets: get list watch',
      'apps/deployments: create delete get list patch watch',
      'events.k8s.io/events: create patch',
      'example.com/configs: get list watch',
      'example.com/widgets: get list patch watch',
      'example.com/widgets/finalizers: update',
      'example.com/widgets/status: patch',
    ]);
  });

  it('let it take off finalizers that nobody serves any more', () => {
    @Reconciler(Widget, { formerFinalizers: ['example.com/former'] })
    class WidgetReconciler {}
    expect(lines(permissionsOf([WidgetReconciler]).namespaced)).toContain('example.com/widgets: get list patch watch');
  });

  it('let a shared config hold its finalizer', () => {
    @SharedConfig(Config)
    class ConfigReconciler {
      @Condition('Valid')
      valid(): Verdict {
        return verdict.true('Fine');
      }
    }
    expect(lines(permissionsOf([ConfigReconciler]).namespaced)).toContain('example.com/configs: get list patch watch');
  });

  it('have what is declared beside, and what the roles hold that it writes', () => {
    const granted = { apiGroups: [''], resources: ['pods/log'], verbs: ['get'] };

    @Reconciler(Widget)
    @Permissions(permission(Pod, 'delete'), granted)
    @Permissions(permission(Namespace, 'get'))
    class WidgetReconciler {}

    const { namespaced, cluster } = permissionsOf([WidgetReconciler]);
    expect(lines(namespaced)).toEqual(expect.arrayContaining(['/pods: delete', '/pods/log: get']));
    expect(lines(cluster)).toEqual(['/namespaces: get']);
  });

  it('keep apart what is in no namespace', () => {
    @Reconciler(Fleet)
    @Owns(Namespace, ConfigMap)
    class FleetReconciler {}
    const { namespaced, cluster } = permissionsOf([FleetReconciler]);
    expect(lines(namespaced)).toEqual(['/configmaps: create delete get list patch watch']);
    expect(lines(cluster)).toEqual([
      '/namespaces: create delete get list patch watch',
      'events.k8s.io/events: create patch',
      'example.com/fleets: get list watch',
      'example.com/fleets/finalizers: update',
      'example.com/fleets/status: patch',
    ]);
  });

  it('in its own namespace are for its Lease and for the key of its digests, by their names', () => {
    @Reconciler(Widget)
    @ReadsContents(Secret, ConfigMap)
    class WidgetReconciler {}
    expect(lines(permissionsOf([WidgetReconciler], { lease: 'leader' }).ownNamespace)).toEqual([
      '/secrets: create',
      '/secrets named trueup-digest-key: get',
      'coordination.k8s.io/leases: create',
      'coordination.k8s.io/leases named leader: get update',
      'events.k8s.io/events: create patch',
    ]);
    expect(lines(permissionsOf([], { lease: 'leader', shards: ['a', 'rest'] }).ownNamespace)).toContain(
      'coordination.k8s.io/leases named leader leader-a leader-rest: get update',
    );
  });
});

describe('the permissions of an operator with webhooks', () => {
  @Permissions(permission(Pod, 'list'))
  class Checks {
    @Validates(Pod)
    counted(): void {}
    @Mutates(Widget)
    filled(): void {}
  }
  const Versioned = defineKind({
    group: 'example.com',
    kind: 'Versioned',
    versions: {
      v1: { storage: true },
      v1beta1: { convert: { toStored: () => ({ spec: {} }), fromStored: () => ({ spec: {} }) } },
    },
    spec,
  });
  const modules = [{ name: 'checks', kinds: [Versioned], reconcilers: [], webhooks: [Checks] }];

  it('are what their classes declare when others issue their certificates', () => {
    const { namespaced, cluster, ownNamespace } = operatorPermissions(modules);
    expect(lines(namespaced)).toEqual(['/pods: list']);
    expect([cluster, ownNamespace]).toEqual([[], []]);
  });

  it('are to keep the certificate, and to say whom to trust, by their names, when it issues its own', () => {
    const { cluster, ownNamespace } = operatorPermissions(modules, { issuesCertificatesAs: 'checker' });
    expect(lines(ownNamespace)).toEqual([
      '/secrets: create',
      '/secrets named checker-webhook-certificate: get list update watch',
    ]);
    const configurations = 'mutatingwebhookconfigurations validatingwebhookconfigurations';
    expect(lines(cluster)).toEqual([
      `admissionregistration.k8s.io/${configurations} named checker: get list patch watch`,
      'apiextensions.k8s.io/customresourcedefinitions named versioneds.example.com: get list patch watch',
    ]);
  });

  it('are none where there are no webhooks', () => {
    const plain = [defineModule({ name: 'plain', kinds: [Widget], reconcilers: [] })];
    expect(operatorPermissions(plain, { issuesCertificatesAs: 'checker' })).toEqual(operatorPermissions(plain));
  });
});

describe('merged rules', () => {
  it('are the same whatever the order they came in', () => {
    const one = { apiGroups: ['b', 'a'], resources: ['y', 'x'], verbs: ['watch', 'get'] };
    const other = { apiGroups: ['a'], resources: ['x'], verbs: ['delete'] };
    expect(mergeRules([one, other])).toEqual(mergeRules([other, one]));
    expect(lines(mergeRules([one, other]))).toEqual(['a/x: delete get watch', 'a/y: get watch', 'b/x y: get watch']);
  });

  it('do not repeat for single objects what is allowed on all', () => {
    const all = { apiGroups: [''], resources: ['secrets'], verbs: ['get', 'list'] };
    const single = { apiGroups: [''], resources: ['secrets'], resourceNames: ['key'], verbs: ['get', 'delete'] };
    expect(lines(mergeRules([single, all]))).toEqual(['/secrets: get list', '/secrets named key: delete']);
    expect(lines(mergeRules([all, { ...single, verbs: ['get'] }]))).toEqual(['/secrets: get list']);
  });
});
