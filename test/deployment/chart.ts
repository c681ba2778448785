import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { dump, load, loadAll } from 'js-yaml';
import { GoTemplates, isTrue, type TemplateFunction, type Value } from './go-template.js';

/** A rendered object; tests look into it wherever they like. */
export interface Rendered {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string; readonly [field: string]: unknown };
  readonly [field: string]: unknown;
}

type Values = Readonly<Record<string, Value>>;

/**
 * Renders a chart as a release of its own name, as Helm does.
 *
 * @throws with the message of the template that fails.
 */
export function renderChart(folder: string, namespace: string, values: Values = {}): readonly Rendered[] {
  const read = (name: string) => readFileSync(path.join(folder, name), 'utf8');
  const about = load(read('Chart.yaml')) as { name: string; version: string; appVersion: string };
  const data = {
    Values: merged(load(read('values.yaml')) as Values, values),
    Chart: { Name: about.name, Version: about.version, AppVersion: about.appVersion },
    Release: { Name: about.name, Namespace: namespace, Service: 'Helm' },
    Files: filesOf(folder, read),
  };
  const templates = new GoTemplates(FUNCTIONS);
  const names = readdirSync(path.join(folder, 'templates')).sort();
  for (const name of names) templates.add(name, read(path.join('templates', name)));
  const texts = names.filter((name) => name.endsWith('.yaml')).map((name) => templates.render(name, data));
  return loadAll(texts.join('\n---\n')).filter((document) => document !== null) as Rendered[];
}

/** Values on top of a chart's own; null takes one away. */
function merged(defaults: Values, values: Values): Values {
  const all = { ...defaults };
  for (const [name, value] of Object.entries(values)) {
    const before = all[name];
    if (value === null) delete all[name];
    else all[name] = isMap(value) && isMap(before) ? merged(before, value) : value;
  }
  return all;
}

/** The files of a chart besides its templates; those of `.helmignore` are named there without a folder. */
function filesOf(folder: string, read: (name: string) => string) {
  const ignored = read('.helmignore').split('\n');
  return {
    Get: (name: Value) => read(String(name)),
    Glob: (pattern: Value) => {
      const [, within = '', extension = ''] = /^([\w-]+)\/\*(\.\w+)$/.exec(String(pattern)) ?? [];
      const names = readdirSync(path.join(folder, within)).filter(
        (name) => name.endsWith(extension) && !ignored.includes(name),
      );
      return Object.fromEntries(names.map((name) => [`${within}/${name}`, read(path.join(within, name))]));
    },
  };
}

/** Those that the templates call, with the order of arguments that pipes want. {@link https://helm.sh/docs/chart_template_guide/function_list/} */
const FUNCTIONS: Readonly<Record<string, TemplateFunction>> = {
  append: (list, item) => [...(list as readonly Value[]), item],
  contains: (part, text) => String(text).includes(String(part)),
  default: (fallback, value) => (isTrue(value) ? value : fallback),
  dict: (...pairs) => Object.fromEntries(pairs.flatMap((key, at) => (at % 2 === 0 ? [[key, pairs[at + 1]]] : []))),
  eq: (one, other) => one === other,
  fail: (message) => {
    throw new Error(String(message));
  },
  fromYamlArray: (text) => load(String(text)),
  get: (map, key) => (map as Values)[String(key)] ?? '',
  has: (item, list) => (list as readonly Value[]).includes(item),
  join: (separator, list) => (list as readonly Value[]).join(String(separator)),
  kindIs: (kind, value) => kindOf(value) === kind,
  kindOf,
  list: (...items) => items,
  ne: (one, other) => one !== other,
  nindent: (width, text) => `\n${String(text).replace(/^/gm, ' '.repeat(Number(width)))}`,
  not: (value) => !isTrue(value),
  printf: (format, ...args) => {
    let next = 0;
    return String(format).replace(/%[svdq]/g, (verb) => {
      const arg = args[next++];
      return verb === '%q' ? JSON.stringify(arg) : String(arg);
    });
  },
  quote: (value) => JSON.stringify(String(value)),
  replace: (old, by, text) => String(text).replaceAll(String(old), String(by)),
  ternary: (yes, no, condition) => (isTrue(condition) ? yes : no),
  toYaml: (value) => dump(value, { noRefs: true }).trimEnd(),
  trim: (text) => String(text).trim(),
  trimSuffix: (suffix, text) =>
    String(text).endsWith(String(suffix)) ? String(text).slice(0, -String(suffix).length) : text,
  trunc: (length, text) => String(text).slice(0, Number(length)),
};

function kindOf(value: Value): string {
  if (Array.isArray(value)) return 'slice';
  if (isMap(value)) return 'map';
  return typeof value === 'number' ? 'float64' : typeof value === 'boolean' ? 'bool' : typeof value;
}

function isMap(value: Value): value is Values {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
