// npm run bench [-- servers|references|steady|gateway [count]]: ratios in one run; the figures depend on the machine.
import { benchGateway } from './gateway.mjs';
import { benchReferences } from './references.mjs';
import { benchServers } from './servers.mjs';
import { benchSteadyState } from './steady.mjs';

const [which = 'all', count] = process.argv.slice(2);
if (which === 'all' || which === 'servers') await benchServers(Number(count ?? 1000));
if (which === 'all' || which === 'references')
  await benchReferences(count === undefined ? [50, 500, 5000] : [Number(count)]);
if (which === 'all' || which === 'steady') await benchSteadyState(Number(count ?? 10_000));
if (which === 'all' || which === 'gateway') await benchGateway(Number(count ?? 2000));
