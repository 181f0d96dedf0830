import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { App, Duration, Stack, aws_stepfunctions as sfn } from 'aws-cdk-lib';
import { list } from '../../bin/commands/list';
import { run } from '../../bin/commands/run';
import { main } from '../../bin/main';
import { Approver, HumanApproval, OnExpired } from '../../lib';
import { browserExpected, launchBrowser } from '../support/browser';

const folder = mkdtempSync(join(tmpdir(), 'stepworks-interactive-'));
const cdkOut = join(folder, 'cdk.out');
const input = join(folder, 'input.json');
beforeAll(() => {
  const app = new App({ outdir: cdkOut });
  const stack = new Stack(app, 'Shop');
  new HumanApproval(stack, 'Refund', {
    question: {
      approver: Approver.email('alice@example.com'),
      title: 'Refund this order?',
      summary: { Order: '{% $states.input.order %}' },
      expiresIn: Duration.hours(1),
      onExpired: OnExpired.reject(),
    },
    onApproved: sfn.Wait.jsonata(stack, 'Rest', { time: sfn.WaitTime.duration(Duration.seconds(1)) }),
  });
  app.synth();
  writeFileSync(input, '{ "order": "A-1" }');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let out = '';
let err = '';
beforeEach(() => {
  [out, err] = ['', ''];
  jest.spyOn(process.stdout, 'write').mockImplementation((text) => {
    out += text;
    return true;
  });
  jest.spyOn(process.stderr, 'write').mockImplementation((text) => {
    err += text;
    return true;
  });
});
afterEach(() => jest.restoreAllMocks());

const SAMPLES = { list, run, graph: () => Promise.resolve(0), faults: () => Promise.resolve(0) };

/** What is printed, as soon as it is. */
async function printed(pattern: RegExp): Promise<string> {
  for (;;) {
    const found = pattern.exec(out);
    if (found) return found[1] ?? found[0];
    if (err) throw new Error(err);
    await pause(20);
  }
}

(browserExpected ? test : test.skip)('the mail is printed, a person opens its link in a browser and decides, in real time', async () => {
  const started = Date.now();
  const ended = main([
    'run',
    '--app',
    cdkOut,
    '--state-machine',
    'Shop/Refund',
    '--input',
    input,
    '--interactive',
    '--report',
    join(folder, 'r.html'),
  ]);
  expect(await printed(/┌ Mail to (.*)/)).toBe('alice@example.com: Approval needed: Refund this order?');
  const link = await printed(/│ (https?:\/\/\S+)/);
  const code = await printed(/│ {5}(\w{3}-\w{3})/);
  const browser = await launchBrowser();
  try {
    const page = await browser.newPage({ javaScriptEnabled: false });
    await page.goto(link);
    expect(await page.textContent('dd')).toBe('A-1');
    await page.getByLabel(/code/i).fill(code);
    await page.getByRole('button', { name: 'Approve' }).click();
    expect(await page.textContent('h1')).toBe('You approved this');
  } finally {
    await browser.close();
  }
  expect(await ended).toBe(0);
  expect(out).toMatch(/SUCCEEDED/);
  // The wait of the workflow's own was a real one.
  expect(Date.now() - started).toBeGreaterThan(1000);
  const [, until] = /Open until: \w+ (.*), (\d\d:\d\d) UTC/.exec(out) ?? [];
  expect(Math.abs(Date.parse(`${until} UTC`) - started)).toBeLessThan(2 * 24 * 3600 * 1000);
});

test.each([
  [['run', 'account-opening', '--interactive'], '--interactive runs one input'],
  [['run', '--interactive'], '--interactive runs one input'],
  [['run', 'account-opening', '--interactive', '--scenario', 'clean', '--json'], '--interactive prints mails as they come'],
])('%j is not understood', async (args, message) => {
  expect(await main(args, SAMPLES)).toBe(2);
  expect(err).toContain(message);
});
