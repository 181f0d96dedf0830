// The other engine, in a process of its own: it needs Node 22.
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { add, definition, LOADS, measure } from './machine.mjs';

const require = createRequire(pathToFileURL(`${process.argv[2]}/package.json`));
const { StateMachine } = require('aws-local-stepfunctions');
const machine = new StateMachine(definition);
await measure(LOADS[Number(process.argv[3])], async () => {
  const { n } = (await machine.run({}, { overrides: { taskResourceLocalHandlers: { Add: add } } }).result)[0];
  if (n !== 10) throw new Error(`a run ended with n = ${n}`);
});
