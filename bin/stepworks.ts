#!/usr/bin/env node
/** The command in a clone of the repository: with the samples. */
import { undoHoweverItEnds } from './at-end';
import { faults } from './commands/faults';
import { graph } from './commands/graph';
import { list } from './commands/list';
import { run } from './commands/run';
import { main } from './main';

undoHoweverItEnds();
void main(process.argv.slice(2), { faults, graph, list, run }).then((code) => {
  process.exitCode = code;
});
