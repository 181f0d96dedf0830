#!/usr/bin/env node
/** The command in the published package: any CDK app, no samples. */
import { undoHoweverItEnds } from './at-end';
import { main } from './main';

undoHoweverItEnds();
void main(process.argv.slice(2)).then((code) => {
  process.exitCode = code;
});
