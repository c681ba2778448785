import type { ConditionStatus } from '@trueup/core';
import type { KubernetesObject } from '@trueup/kube';
import Table from 'cli-table3';
import { createColors } from 'picocolors';

type Colors = ReturnType<typeof createColors>;

interface Reported extends KubernetesObject {
  readonly status?: { readonly phase?: string; readonly conditions?: readonly ConditionStatus[] };
}

/** One object as the table shows it. */
export interface StatusRow {
  readonly kind: string;
  readonly name: string;
  readonly phase: string;
  readonly conditions: readonly ConditionStatus[];
}

export function statusRow(object: KubernetesObject): StatusRow {
  const { namespace, name } = object.metadata;
  const { phase, conditions } = (object as Reported).status ?? {};
  return {
    kind: object.kind,
    name: namespace === undefined ? name : `${namespace}/${name}`,
    phase: phase ?? (object.metadata.deletionTimestamp === undefined ? '' : 'Terminating'),
    conditions: conditions ?? [],
  };
}

/**
 * The table of objects, phases and conditions for a screen: where all of it would not fit, each object has those conditions
 * that are not as they should be, or else the one that sums them up.
 *
 * @param options.height - Lines there are for it.
 */
export function formatScreen(
  rows: readonly StatusRow[],
  options: { readonly color: boolean; readonly width: number; readonly height: number },
): string {
  const whole = formatTable(rows, options);
  if (whole.split('\n').length <= options.height) return whole;
  const brief = formatTable(rows.map(inBrief), options);
  return `${brief}\n\n Conditions that are as they should be are left out; a taller terminal shows them.`;
}

/** The table of objects, phases and conditions. */
export function formatTable(
  rows: readonly StatusRow[],
  options: { readonly color: boolean; readonly width: number },
): string {
  const colors = createColors(options.color);
  const table = new Table({
    head: ['KIND', 'OBJECT', 'PHASE', 'CONDITIONS'],
    style: { head: [], border: [], compact: false },
    chars: PLAIN,
    colWidths: [null, null, null, Math.max(40, options.width - widthBefore(rows))],
    wordWrap: true,
  });
  for (const row of rows) table.push([row.kind, row.name, row.phase, conditionLines(row, colors).join('\n')]);
  // Cells are padded to their column's width, and a line that just fills the terminal is followed by an empty one.
  return table.toString().replace(/ +$/gm, '');
}

/** One line an object, for output that can't be redrawn. */
export function formatLine({ kind, name, phase, conditions }: StatusRow): string {
  const shown = conditions.map((condition) => formatCondition(condition, createColors(false)));
  return [kind, name, phase || '-', shown.join('; ')].join('  ');
}

function conditionLines({ conditions }: StatusRow, colors: Colors): readonly string[] {
  return conditions.map((condition) => formatCondition(condition, colors));
}

/** Types that say whether something is as it should be; for the others False may well be good. */
const SUMMARY = /^(Ready|Valid|.*Validated|.*Valid)$/;

const isBad = ({ type, status }: ConditionStatus) => SUMMARY.test(type) && status !== 'True';

function inBrief(row: StatusRow): StatusRow {
  const bad = row.conditions.filter(isBad);
  const summary =
    row.conditions.find(({ type }) => type === 'Ready') ?? row.conditions.find(({ type }) => type === 'Valid');
  return { ...row, conditions: bad.length > 0 || summary === undefined ? bad : [summary] };
}

function formatCondition(condition: ConditionStatus, colors: Colors): string {
  const { type, status, reason, message } = condition;
  const text = `${type}=${status} (${reason})${isBad(condition) && message !== '' ? `: ${message}` : ''}`;
  if (isBad(condition)) return status === 'False' ? colors.red(text) : colors.yellow(text);
  return SUMMARY.test(type) ? colors.green(text) : colors.dim(text);
}

/** What the three columns before the conditions take, with their padding. */
function widthBefore(rows: readonly StatusRow[]): number {
  const longest = (pick: (row: StatusRow) => string) => Math.max(6, ...rows.map((row) => pick(row).length));
  return longest(({ kind }) => kind) + longest(({ name }) => name) + longest(({ phase }) => phase) + 10;
}

const PLAIN = {
  top: '',
  'top-mid': '',
  'top-left': '',
  'top-right': '',
  bottom: '',
  'bottom-mid': '',
  'bottom-left': '',
  'bottom-right': '',
  left: '',
  'left-mid': '',
  mid: '',
  'mid-mid': '',
  right: '',
  'right-mid': '',
  middle: '  ',
};
