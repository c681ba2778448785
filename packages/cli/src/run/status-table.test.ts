import { describe, expect, it } from '@jest/globals';
import { formatLine, formatScreen, formatTable, statusRow } from './status-table.js';

const aServer = (status?: object, metadata: object = {}) => ({
  apiVersion: 'v1',
  kind: 'MCPServer',
  metadata: { namespace: 'mcp', name: 'fetch', ...metadata },
  ...(status === undefined ? {} : { status }),
});
const aCondition = (type: string, status: string, reason: string, message = '') => ({
  type,
  status,
  reason,
  message,
  lastTransitionTime: '2026-01-01T00:00:00Z',
});

describe('the status table', () => {
  it('shows the message of what is not as it should be, and only that', () => {
    const row = statusRow(
      aServer({
        phase: 'Failed',
        conditions: [
          aCondition('Valid', 'True', 'Fine', 'all is well'),
          aCondition('ReplicaCapped', 'False', 'NotActive', 'the cap is not active'),
          aCondition('Ready', 'False', 'NotReady', 'the image is missing'),
        ],
      }),
    );
    expect(formatLine(row)).toBe(
      'MCPServer  mcp/fetch  Failed  Valid=True (Fine); ReplicaCapped=False (NotActive); Ready=False (NotReady): the image is missing',
    );
    const table = formatTable([row], { color: false, width: 200 });
    expect(table).toMatch(/KIND +OBJECT +PHASE +CONDITIONS/);
    expect(table).toMatch(/MCPServer +mcp\/fetch +Failed +Valid=True \(Fine\)/);
  });

  it('shows objects without a status, and those that are being deleted', () => {
    expect(formatLine(statusRow(aServer()))).toBe('MCPServer  mcp/fetch  -  ');
    expect(statusRow(aServer(undefined, { deletionTimestamp: '2026-01-01T00:00:00Z' })).phase).toBe('Terminating');
    expect(statusRow({ ...aServer(), metadata: { name: 'cluster-wide' } }).name).toBe('cluster-wide');
  });

  it('leaves out on a low screen what is as it should be', () => {
    const conditions = [
      aCondition('AuthValidated', 'True', 'Fine'),
      aCondition('ReplicaCapped', 'False', 'NotActive'),
      aCondition('Ready', 'True', 'Running'),
    ];
    const broken = aCondition('ImageValidated', 'False', 'Missing', 'the image is missing');
    const rows = [
      statusRow(aServer({ conditions }, { name: 'good' })),
      statusRow(aServer({ conditions: [...conditions.slice(0, 2), broken] }, { name: 'bad' })),
    ];
    const screen = (height: number) => formatScreen(rows, { color: false, width: 120, height });
    expect(screen(20)).toContain('ReplicaCapped');
    const low = screen(6);
    expect(low).toMatch(/mcp\/good +Ready=True \(Running\)\n/);
    expect(low).toMatch(/mcp\/bad +ImageValidated=False \(Missing\): the image is missing\n/);
    expect(low).not.toMatch(/ReplicaCapped|AuthValidated/);
    expect(low).toContain('left out');
  });

  it('wraps long messages instead of breaking the columns', () => {
    const row = statusRow(
      aServer({ conditions: [aCondition('Ready', 'False', 'NotReady', 'word '.repeat(60).trim())] }),
    );
    const lines = formatTable([row], { color: false, width: 100 }).split('\n');
    expect(Math.max(...lines.map((line) => line.trimEnd().length))).toBeLessThanOrEqual(100);
    expect(lines.length).toBeGreaterThan(4);
  });
});
