#!/usr/bin/env node
/** The command in a clone of the repository: with the samples. */
import { undoOnSignals } from './at-end';
import { list } from './commands/list';
import { run } from './commands/run';
import { main } from './main';

undoOnSignals();
void main(process.argv.slice(2), { list, run }).then((code) => {
  process.exitCode = code;
});
