import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { loadAll } from 'js-yaml';
import type { Rendered } from './chart.js';

/** Helm's own engine; see [main.go](render-chart/main.go). */
const PROGRAM = fileURLToPath(new URL('render-chart/render-chart', import.meta.url));

/** Whether Helm's engine has been built here; where it has not, a line says how. */
export function hasHelm(): boolean {
  if (existsSync(PROGRAM)) return true;
  process.stderr.write(
    'The charts are not compared with what Helm makes of them: that takes Go, and `go build` in test/deployment/render-chart\n',
  );
  return false;
}

/** Renders a chart as a release of its own name. @throws with the message of the template that fails. */
export function renderWithHelm(chart: string, namespace: string, values: object = {}): readonly Rendered[] {
  const text = execFileSync(PROGRAM, [chart, namespace], {
    input: JSON.stringify(values),
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  return loadAll(text).filter((document) => document !== null) as Rendered[];
}
