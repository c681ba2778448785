import { RequestInvalidError } from './errors.js';

type Labels = Readonly<Record<string, string>>;

/** `key`, `!key`, `key=value`, `key!=value`, `key in (a, b)`, `key notin (a, b)`. */
const REQUIREMENT =
  /^\s*(?:(?<absent>!)\s*(?<absentKey>[^\s!=,()]+)|(?<key>[^\s!=,()]+)(?:\s*(?<operator>==|=|!=)\s*(?<value>[^\s!=,()]*)|\s+(?<set>in|notin)\s*\((?<values>[^()]*)\))?)\s*$/;

/**
 * Reads a label selector as the API server does.
 *
 * @throws {@link RequestInvalidError} when it is none.
 * @see {@link https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#label-selectors | Label selectors}
 */
export function parseLabelSelector(selector: string): (labels: Labels) => boolean {
  if (selector.trim() === '') return () => true;
  // Commas separate requirements, but also the values inside parentheses.
  const requirements = selector.split(/,(?![^(]*\))/).map((text) => parseRequirement(text, selector));
  return (labels) => requirements.every((requirement) => requirement(labels));
}

function parseRequirement(text: string, selector: string): (labels: Labels) => boolean {
  const parts = REQUIREMENT.exec(text)?.groups;
  if (parts === undefined) throw new RequestInvalidError(`Not a label selector: ${JSON.stringify(selector)}`);
  const { absentKey, key = '', operator, value = '', set, values = '' } = parts;
  if (absentKey !== undefined) return (labels) => !(absentKey in labels);
  if (operator === '!=') return (labels) => labels[key] !== value;
  if (operator !== undefined) return (labels) => labels[key] === value;
  if (set === undefined) return (labels) => key in labels;
  const allowed = new Set(values.split(',').map((each) => each.trim()));
  return (labels) => {
    const actual = labels[key];
    return set === 'in' ? actual !== undefined && allowed.has(actual) : actual === undefined || !allowed.has(actual);
  };
}
