/** A column of `kubectl get`. {@link https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#additional-printer-columns | Printer columns} */
export interface Column {
  readonly name: string;
  /** Where the value is, from the root of the object: `.spec.type`. */
  readonly jsonPath: string;
  readonly type: ColumnType;
  /** 0 is always shown, more only with `-o wide`. Default 0. */
  readonly priority?: number;
  readonly description?: string;
}

/** How a column is printed; `date` as the time passed since. */
export type ColumnType = 'string' | 'integer' | 'number' | 'boolean' | 'date';

/** Shows a field; `type` is `string` unless said otherwise. */
export function column(
  name: string,
  jsonPath: string,
  { type = 'string', ...rest }: Partial<Pick<Column, 'type' | 'priority' | 'description'>> = {},
): Column {
  return { name, jsonPath, type, ...rest };
}

/** Shows the status of a condition: `True`, `False`, `Unknown` or nothing. The column is called like the condition unless named. */
export function conditionColumn(conditionType: string, name: string = conditionType): Column {
  return column(name, `.status.conditions[?(@.type=='${conditionType}')].status`);
}

/** Shows how long ago the object was created, as the last column of most kinds. */
export function ageColumn(): Column {
  return column('Age', '.metadata.creationTimestamp', { type: 'date' });
}
