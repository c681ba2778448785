import type { JsonObject, KubeObject } from '../../object.js';
import type { Resource, StoredForm } from '../../resources/resource.js';
import { invalid, required } from '../../schema/field-error.js';
import type { FieldError } from '../../status-error.js';
import { numberAt, objectAt, optionalObjectAt, stringAt } from '../../access.js';
import { column, wideColumn } from '../columns.js';
import { defineBuiltin } from '../define-builtin.js';
import { age } from '../human-duration.js';

/** Events live in two API groups over one store, which holds the core form. */
const STORE = 'events';

/** Fields that have another name in events.k8s.io, as [core, events.k8s.io]. */
const RENAMED = [
  ['involvedObject', 'regarding'],
  ['message', 'note'],
  ['source', 'deprecatedSource'],
  ['firstTimestamp', 'deprecatedFirstTimestamp'],
  ['lastTimestamp', 'deprecatedLastTimestamp'],
  ['count', 'deprecatedCount'],
  ['reportingComponent', 'reportingController'],
] as const;

const coreForm: StoredForm = { key: STORE, toStored: (object) => object, fromStored: (stored) => stored };

const eventsForm: StoredForm = {
  key: STORE,
  toStored: (object) => rename(object, 'v1', ([core, events]) => [events, core]),
  fromStored: (stored) => rename(stored, 'events.k8s.io/v1', (pair) => pair),
};

function rename(
  event: Readonly<KubeObject>,
  apiVersion: string,
  direction: (pair: (typeof RENAMED)[number]) => readonly [string, string],
): KubeObject {
  const renamed: KubeObject = { ...event, apiVersion };
  for (const [from, to] of RENAMED.map(direction)) {
    delete renamed[from];
    if (event[from] !== undefined) renamed[to] = event[from];
  }
  return renamed;
}

/** Reads the field selectors off the form stored; each group selects by its own names. */
const STORED_FIELDS: Resource['selectableFields'] = {
  'involvedObject.kind': (event) => involved(event, 'kind'),
  'involvedObject.namespace': (event) => involved(event, 'namespace'),
  'involvedObject.name': (event) => involved(event, 'name'),
  'involvedObject.uid': (event) => involved(event, 'uid'),
  'involvedObject.apiVersion': (event) => involved(event, 'apiVersion'),
  'involvedObject.resourceVersion': (event) => involved(event, 'resourceVersion'),
  'involvedObject.fieldPath': (event) => involved(event, 'fieldPath'),
  reason: (event) => stringAt(event, 'reason'),
  reportingComponent: reportingComponent,
  source: (event) => stringAt(sourceOf(event), 'component') || reportingComponent(event),
  type: (event) => stringAt(event, 'type'),
};

function selectableAs(names: Readonly<Record<string, string>>): Resource['selectableFields'] {
  return Object.fromEntries(
    Object.entries(STORED_FIELDS).flatMap(([stored, read]) => {
      const name = names[stored] ?? stored.replace('involvedObject.', 'regarding.');
      return name === '' ? [] : [[name, read]];
    }),
  );
}

/** Reads an event of either form. */
function either(event: KubeObject, core: string): unknown {
  const pair = RENAMED.find(([name]) => name === core);
  return event[core] ?? (pair === undefined ? undefined : event[pair[1]]);
}

function eitherObject(event: KubeObject, core: string): JsonObject {
  return objectAt({ value: either(event, core) }, 'value');
}

function eitherString(event: KubeObject, core: string): string {
  return stringAt({ value: either(event, core) }, 'value');
}

function involved(event: KubeObject, field: string): string {
  return stringAt(eitherObject(event, 'involvedObject'), field);
}

function sourceOf(event: KubeObject): JsonObject {
  return eitherObject(event, 'source');
}

function reportingComponent(event: KubeObject): string {
  return eitherString(event, 'reportingComponent');
}

const columns = [
  column('Last Seen', (event, nowMs) => age(lastSeen(event), nowMs)),
  column('Type', (event) => stringAt(event, 'type')),
  column('Reason', (event) => stringAt(event, 'reason')),
  column('Object', (event) => `${involved(event, 'kind').toLowerCase()}/${involved(event, 'name')}`),
  wideColumn('Subobject', (event) => involved(event, 'fieldPath')),
  wideColumn('Source', (event) => {
    const component = stringAt(sourceOf(event), 'component');
    const host = stringAt(sourceOf(event), 'host');
    return component === '' ? reportingComponent(event) : host === '' ? component : `${component}, ${host}`;
  }),
  column('Message', (event) => eitherString(event, 'message').trim()),
  wideColumn('First Seen', (event, nowMs) => age(either(event, 'firstTimestamp') ?? event['eventTime'], nowMs)),
  wideColumn(
    'Count',
    (event) => {
      const series = optionalObjectAt(event, 'series');
      const count = series === undefined ? either(event, 'count') : numberAt(series, 'count');
      return count === undefined || count === 0 ? 1 : count;
    },
    'integer',
  ),
  wideColumn('Name', (event) => event.metadata.name),
];

function lastSeen(event: KubeObject): unknown {
  const series = optionalObjectAt(event, 'series');
  if (series !== undefined) return series['lastObservedTime'];
  return either(event, 'lastTimestamp') ?? event['eventTime'] ?? either(event, 'firstTimestamp');
}

/** An event lies in the namespace of what it is about, or in `default` if that has none. */
function namespaceErrors(event: KubeObject, field: string): FieldError[] {
  const namespace = involved(event, 'namespace');
  const own = event.metadata.namespace ?? '';
  if (namespace === '' ? own === 'default' || own === 'kube-system' : namespace === own) return [];
  return [invalid(`${field}.namespace`, namespace, 'does not match event.namespace')];
}

export const events = defineBuiltin({
  definition: 'io.k8s.api.core.v1.Event',
  group: '',
  plural: 'events',
  shortNames: ['ev'],
  createOnUpdate: true,
  storedForm: coreForm,
  selectableFields: STORED_FIELDS,
  columns,
  validate(next, old) {
    // Events with an eventTime are the newer kind and are held to its rules on create.
    const strict = old === undefined && typeof next['eventTime'] === 'string';
    return [
      ...namespaceErrors(next, 'involvedObject'),
      ...(strict ? eventsV1Errors(next, { reportingController: 'reportingComponent', note: 'message' }) : []),
    ];
  },
});

export const eventsV1 = defineBuiltin({
  definition: 'io.k8s.api.events.v1.Event',
  group: 'events.k8s.io',
  plural: 'events',
  shortNames: ['ev'],
  createOnUpdate: true,
  storedForm: eventsForm,
  selectableFields: selectableAs({ reportingComponent: 'reportingController', source: '' }),
  columns,
  validate(next, old) {
    return [...namespaceErrors(next, 'regarding'), ...(old === undefined ? eventsV1Errors(next, {}) : [])];
  },
});

const NOTE_LIMIT_BYTES = 1024;
const NAME_LIMIT_BYTES = 128;

/** @param names - What the fields are called where that differs from events.k8s.io. */
function eventsV1Errors(event: KubeObject, names: Readonly<Record<string, string>>): FieldError[] {
  const errors: FieldError[] = [];
  const nameOf = (field: string): string => names[field] ?? field;
  if (typeof event['eventTime'] !== 'string') errors.push(required('eventTime'));
  for (const field of ['reportingController', 'reportingInstance', 'action', 'reason']) {
    const value = stringAt(event, nameOf(field));
    if (value === '') errors.push(required(nameOf(field)));
    else if (field !== 'reportingController' && Buffer.byteLength(value) > NAME_LIMIT_BYTES) {
      errors.push(invalid(nameOf(field), value, `can have at most ${NAME_LIMIT_BYTES} characters`));
    }
  }
  const note = stringAt(event, nameOf('note'));
  if (Buffer.byteLength(note) > NOTE_LIMIT_BYTES) {
    errors.push(invalid(nameOf('note'), note, `can have at most ${NOTE_LIMIT_BYTES} characters`));
  }
  const type = stringAt(event, 'type');
  if (type !== 'Normal' && type !== 'Warning') errors.push(invalid('type', type, 'has invalid value: '.concat(type)));
  return errors;
}
