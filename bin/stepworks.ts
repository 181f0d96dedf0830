#!/usr/bin/env node
/** The command in a clone of the repository: with the samples. */
import { undoHoweverItEnds } from './at-end';
import { faults } from './commands/faults';
import { graph } from './commands/graph';
import { list } from './commands/list';
import { run } from './commands/run';
import { main } from './main';

// What stands in for a sample's jobs uses the SDK on this Node.js, which is nothing to warn the reader of.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true';
undoHoweverItEnds();
void main(process.argv.slice(2), { faults, graph, list, run }).then((code) => {
  process.exitCode = code;
});
