// node run-each.mjs < [{ script, name, object }, ...]: runs each package by the copy of run-alone.mjs in a project that has it
// alone, one after the other in one process, and prints in JSON what became of the objects.
import { json } from 'node:stream/consumers';

const outcomes = [];
for (const { script, name, object } of await json(process.stdin)) {
  try {
    const { runAlone } = await import(script);
    outcomes.push({ name, object: await runAlone(name, object) });
  } catch (error) {
    outcomes.push({ name, error: String(error?.stack ?? error) });
  }
}
process.stdout.write(JSON.stringify(outcomes));
