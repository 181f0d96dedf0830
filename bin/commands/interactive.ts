import { setTimeout as pause } from 'node:timers/promises';
import type { Driver, Json, LocalCloud, Mail, Run, Scenario } from '../../local';

/** How far the cloud's time may lag behind that of the person at the terminal. */
const TICK_MS = 100;

/**
 * The scenario's workflow with nobody acting but the person at the terminal: in real time, its mails printed with their links, which are
 * opened in a browser of one's own.
 */
export function interactively(scenario: Scenario, cloud: LocalCloud): Scenario {
  return {
    ...scenario,
    title: 'with you deciding, in real time',
    async play(driver: Driver, input: Json): Promise<Run> {
      process.stdout.write(`\n${scenario.stateMachine} is started. Its mails come here, with links for your browser. Ctrl-C ends it.\n`);
      const run = await driver.start(scenario.stateMachine, input);
      await inRealTime(cloud, run);
      return run;
    },
  };
}

async function inRealTime(cloud: LocalCloud, run: Run): Promise<void> {
  let shown = 0;
  for (;;) {
    await cloud.clock.advance(Math.max(0, Date.now() - cloud.clock.now()));
    for (; shown < cloud.outbox.length; shown++) process.stdout.write(inWords(cloud.outbox[shown]));
    if (run.status !== 'RUNNING') return;
    await pause(TICK_MS);
  }
}

function inWords({ to, subject, body }: Mail): string {
  return `\n┌ Mail to ${to}: ${subject}\n${body
    .trimEnd()
    .split('\n')
    .map((line) => `│ ${line}`.trimEnd())
    .join('\n')}\n└\n`;
}
