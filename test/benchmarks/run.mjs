// npm run bench [-- control-plane|transport|cache|reconcile|servers|references|steady|fairness|gateway [count]]: ratios in one run; the figures depend on the machine.
import { benchCache } from './cache.mjs';
import { benchControlPlane } from './control-plane.mjs';
import { benchFairness } from './fairness.mjs';
import { benchGateway } from './gateway.mjs';
import { benchReconcile } from './reconcile.mjs';
import { benchReferences } from './references.mjs';
import { benchServers } from './servers.mjs';
import { benchSteadyState } from './steady.mjs';
import { benchTransport } from './transport.mjs';

const [which = 'all', count] = process.argv.slice(2);
if (which === 'all' || which === 'control-plane') await benchControlPlane(Number(count ?? 10_000));
if (which === 'all' || which === 'transport') await benchTransport(Number(count ?? 5000));
if (which === 'all' || which === 'cache') await benchCache(Number(count ?? 50_000));
if (which === 'all' || which === 'reconcile') await benchReconcile(Number(count ?? 1000));
if (which === 'all' || which === 'servers') await benchServers(Number(count ?? 1000));
if (which === 'all' || which === 'references')
  await benchReferences(count === undefined ? [50, 500, 5000] : [Number(count)]);
if (which === 'all' || which === 'steady') await benchSteadyState(Number(count ?? 10_000));
if (which === 'all' || which === 'fairness') await benchFairness(Number(count ?? 10_000));
if (which === 'all' || which === 'gateway') await benchGateway(Number(count ?? 2000));
