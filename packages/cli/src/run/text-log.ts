import { pino, type DestinationStream } from 'pino';

interface LogLine {
  readonly level: number;
  readonly time: number;
  readonly msg?: string;
  readonly [field: string]: unknown;
}

/** Writes log lines for people: `<time> INFO <message> field=value …`, instead of one JSON object each. */
export function textLog(destination: DestinationStream): DestinationStream {
  return { write: (line) => destination.write(`${textOf(JSON.parse(line) as LogLine)}\n`) };
}

/** What is the same in every line of one process is left out. */
function textOf({ level, time, msg = '', name: _n, pid: _p, hostname: _h, ...fields }: LogLine): string {
  const label = pino.levels.labels[level]?.toUpperCase() ?? String(level);
  const pairs = Object.entries(fields).map(([field, value]) => `${field}=${valueOf(value)}`);
  return [new Date(time).toISOString(), label, msg, ...pairs].join(' ');
}

function valueOf(value: unknown): string {
  return typeof value === 'string' && /^[^\s"=]+$/.test(value) ? value : JSON.stringify(value);
}
