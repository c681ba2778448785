import { numberAt, objectAt, optionalNumberAt, specOf, statusOf } from '../../access.js';
import { equalJson } from '../../json.js';
import type { JsonObject, KubeObject } from '../../object.js';
import { isConflict } from '../api-errors.js';
import { CONTROLLER_REVISIONS } from '../resource-names.js';
import { controllerReference, shortHash, stringMap } from './pod-template.js';
import type { WorkloadContext } from './workload-context.js';

/** A StatefulSet or DaemonSet. */
type Workload = Readonly<KubeObject>;
/** A ControllerRevision: a former or the present template of a workload, to go back to. */
export type Revision = Readonly<KubeObject>;

export interface PresentRevision {
  readonly revision: Revision;
  /** How often, in the life of the workload, the name for a revision was taken by another one. */
  readonly collisionCount: number;
}

/** Leaves room for the hash in a name of 253 characters. */
const LONGEST_PREFIX = 223;

/** The revisions of a workload, oldest first. */
export function revisionsOf({ revisions }: WorkloadContext, workload: Workload): Revision[] {
  return revisions.of(workload).sort((a, b) => numberAt(a, 'revision') - numberAt(b, 'revision'));
}

/**
 * Finds or makes the revision of a workload's present template, and sees to it that it has the highest number: when an
 * older template is back, its revision becomes the newest.
 *
 * @param hashLabel - The label that tells the hash in a revision's name.
 */
export async function presentRevision(
  context: WorkloadContext,
  workload: Workload,
  hashLabel: string,
): Promise<PresentRevision> {
  const known = revisionsOf(context, workload);
  const newest = known.at(-1);
  const data = revisionData(workload);
  const same = known.findLast((revision) => equalJson(revision['data'], data));
  const number = (newest === undefined ? 0 : numberAt(newest, 'revision')) + 1;
  if (same === undefined) return makeRevision(context, workload, { hashLabel, number, data });
  const revision = same === newest ? same : await renumber(context, same, number);
  return { revision, collisionCount: numberAt(statusOf(workload), 'collisionCount') };
}

/** The strategic merge patch that brings a template back: `kubectl rollout undo` sends it as it is. */
function revisionData(workload: Workload): JsonObject {
  return { spec: { template: { ...objectAt(specOf(workload), 'template'), $patch: 'replace' } } };
}

/** A workload as it was at a revision, as far as its pods are concerned. */
export function atRevision(workload: Workload, revision: Revision): Workload {
  const { $patch: _, ...template } = objectAt(objectAt(objectAt(revision, 'data'), 'spec'), 'template');
  return { ...workload, spec: { ...specOf(workload), template } };
}

async function makeRevision(
  { api }: WorkloadContext,
  workload: Workload,
  { hashLabel, number, data }: { readonly hashLabel: string; readonly number: number; readonly data: JsonObject },
): Promise<PresentRevision> {
  const { name: owner = '', namespace = '', annotations } = workload.metadata;
  const labels = objectAt(objectAt(objectAt(specOf(workload), 'template'), 'metadata'), 'labels');
  for (let collisionCount = numberAt(statusOf(workload), 'collisionCount'); ; collisionCount += 1) {
    const hash = shortHash([data, collisionCount]);
    const name = `${owner.slice(0, LONGEST_PREFIX)}-${hash}`;
    try {
      const revision = await api.create(CONTROLLER_REVISIONS, {
        apiVersion: 'apps/v1',
        kind: 'ControllerRevision',
        metadata: {
          name,
          namespace,
          labels: { ...stringMap(labels), [hashLabel]: hash },
          ...(annotations === undefined ? {} : { annotations: { ...annotations } }),
          ownerReferences: [controllerReference(workload)],
        },
        data,
        revision: number,
      });
      return { revision, collisionCount };
    } catch (error) {
      if (!isConflict(error)) throw error;
      const taken = api.get(CONTROLLER_REVISIONS, namespace, name);
      if (taken !== undefined && equalJson(taken['data'], data)) return { revision: taken, collisionCount };
    }
  }
}

async function renumber({ api }: WorkloadContext, revision: Revision, number: number): Promise<Revision> {
  const { namespace, name = '' } = revision.metadata;
  const renumbered = await api.update(CONTROLLER_REVISIONS, namespace, name, (draft) => {
    draft['revision'] = number;
  });
  return renumbered ?? revision;
}

/** Deletes the oldest revisions beyond `spec.revisionHistoryLimit`; those that are still in use do not count. */
export async function trimRevisions(
  context: WorkloadContext,
  workload: Workload,
  isUsed: (revision: Revision) => boolean,
): Promise<void> {
  const unused = revisionsOf(context, workload).filter((revision) => !isUsed(revision));
  const limit = optionalNumberAt(specOf(workload), 'revisionHistoryLimit') ?? 10;
  for (const { metadata } of unused.slice(0, Math.max(0, unused.length - limit))) {
    const { namespace, name = '', uid = '' } = metadata;
    await context.api.delete(CONTROLLER_REVISIONS, namespace, name, { uid });
  }
}
