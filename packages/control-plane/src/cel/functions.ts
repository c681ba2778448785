import { authorization } from './library/authorization.js';
import { conversions } from './library/conversions.js';
import { lists } from './library/lists.js';
import { namedFormats } from './library/named-formats.js';
import { networks } from './library/networks.js';
import { operators } from './library/operators.js';
import { optionals } from './library/optionals.js';
import { quantities } from './library/quantities.js';
import { semvers } from './library/semvers.js';
import { strings } from './library/strings.js';
import { times } from './library/times.js';
import { urls } from './library/urls.js';
import type { Overload } from './overload.js';

/**
 * The functions that rules of a new CustomResourceDefinition can use on kube-apiserver 1.34: those of 1.33, so that a
 * rollback still understands them. `sort()`, `reverse()` and `cel.bind` come later.
 */
const library: readonly Overload[] = [
  ...operators,
  ...conversions,
  ...times,
  ...strings,
  ...lists,
  ...optionals,
  ...urls,
  ...quantities,
  ...networks,
  ...namedFormats,
  ...semvers,
  ...authorization,
];

const functions = index(library.filter(({ isMethod }) => !isMethod));
const methods = index(library.filter(({ isMethod }) => isMethod));

/** All overloads of a function, or of a method; undefined when there is none of the name. */
export function overloadsOf(name: string, isMethod: boolean): readonly Overload[] | undefined {
  return (isMethod ? methods : functions).get(name);
}

function index(overloads: readonly Overload[]): ReadonlyMap<string, readonly Overload[]> {
  const byName = new Map<string, Overload[]>();
  for (const overload of overloads) {
    const named = byName.get(overload.name);
    if (named === undefined) {
      byName.set(overload.name, [overload]);
    } else {
      named.push(overload);
    }
  }
  return byName;
}
