// npm run bench [-- servers|references [count]]: ratios in one run; the figures depend on the machine.
import { benchReferences } from './references.mjs';
import { benchServers } from './servers.mjs';

const [which = 'all', count] = process.argv.slice(2);
if (which === 'all' || which === 'servers') await benchServers(Number(count ?? 1000));
if (which === 'all' || which === 'references')
  await benchReferences(count === undefined ? [50, 500, 5000] : [Number(count)]);
