import { applies, deletes, edits, inOneGo, type Scenario } from '@trueup/testing/simulation';
import { Greeting, GreetingStyle, hello } from '../../examples/hello-config/src/hello-config.js';

const apiVersion = 'hello.trueup.dev/v1';
const aStyle = (name: string, spec: object) => ({ apiVersion, kind: 'GreetingStyle', metadata: { name }, spec });
const aGreeting = (name: string, style: string) => ({
  apiVersion,
  kind: 'Greeting',
  metadata: { name },
  spec: { name, styleRef: { name: style } },
});

/** A config and its users: made, broken, healed, swapped, deleted while it is used, set free. */
export const helloScenario: Scenario = {
  name: 'hello-config',
  modules: [hello],
  steps: [
    applies('users come before their config', aGreeting('world', 'warm'), aGreeting('moon', 'warm')),
    applies('the config comes', aStyle('warm', { greeting: 'Hello' })),
    edits('the config changes', GreetingStyle, 'warm', { spec: { greeting: 'Welcome', mark: '.' } }),
    inOneGo(
      'a user makes way for another of its name, with a config of its own',
      deletes('', Greeting, 'world'),
      applies('', aGreeting('world', 'short')),
      applies('', aStyle('short', { greeting: 'Hi' })),
    ),
    inOneGo(
      'its config is deleted, and it goes back to the one before',
      deletes('', GreetingStyle, 'short'),
      edits('', Greeting, 'world', { spec: { styleRef: { name: 'warm' } } }),
    ),
    edits('the config breaks', GreetingStyle, 'warm', { spec: { greeting: 'W3lcome' } }),
    inOneGo(
      'the config heals, and a user takes another that comes later',
      edits('', GreetingStyle, 'warm', { spec: { greeting: 'Welcome back' } }),
      edits('', Greeting, 'moon', { spec: { styleRef: { name: 'cold' } } }),
      applies('', aStyle('cold', { greeting: 'Hi', mark: '?' })),
    ),
    deletes('the config is deleted while it is used', GreetingStyle, 'warm'),
    deletes('a config is freed by the deletion of its user', Greeting, 'world'),
    inOneGo('both go at once, the config first', deletes('', GreetingStyle, 'cold'), deletes('', Greeting, 'moon')),
    inOneGo(
      'all come back, and go before they have come to rest',
      applies('', aStyle('warm', { greeting: 'Hello' }), aGreeting('world', 'warm')),
      deletes('', Greeting, 'world'),
      deletes('', GreetingStyle, 'warm'),
    ),
  ],
};
