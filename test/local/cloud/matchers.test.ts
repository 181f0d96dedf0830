import { LocalCloud, type LocalRun } from '../../../local';
import '../../../local/jest';
import { shop } from './shop';

const [trusted, untrusted] = [shop(), shop({ mayStore: false })];
let cloud: LocalCloud;
afterEach(() => cloud.dispose());

async function start(stack: typeof trusted, amount = 5): Promise<LocalRun> {
  cloud = await LocalCloud.fromStack(stack);
  return cloud.stateMachine('Publish').start({ order: 'A1', amount });
}

/** What a matcher that doesn't hold says. */
function complaint(assertion: () => void): string {
  try {
    assertion();
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error('it held');
}

test('a run that succeeds', async () => {
  const run = await start(trusted);
  expect(run).toBeWaitingIn('Rest');
  expect(run).not.toHaveSucceeded();
  expect(complaint(() => expect(run).toHaveSucceeded())).toBe(
    [
      'expected the run to have succeeded',
      'status: RUNNING (run.finished() or cloud.clock.advance(…) let time pass)',
      'what happened:',
      '      +0 s  StoreOrder',
      '      +0 s  Rest',
    ].join('\n'),
  );
  await run.finished();
  expect(run).toHaveSucceeded();
  expect(run).toHaveDeniedNothing();
  expect(run).toHaveVisited(['StoreOrder', 'Rest', 'Tell']);
  expect(run).not.toHaveVisited(['StoreOrder', 'Tell']);
  expect(run).not.toHaveFailedWith('TooMuch');
  expect(run).not.toBeWaitingIn('Tell');
  expect(complaint(() => expect(run).not.toHaveSucceeded())).toMatch(
    /^expected the run not to have succeeded\nstatus: SUCCEEDED\noutput: \{"stored":"A1"\}\n.*\+2 d {2}Tell\n {6}\+2 d {2}succeeded$/s,
  );
  expect(complaint(() => expect(run).toHaveVisited(['StoreOrder', 'Tell']))).toContain('at place 2 Rest came where Tell was expected');
  expect(complaint(() => expect(run).toHaveVisited(['StoreOrder']))).toContain('at place 2 Rest came where nothing was expected');
});

test('a run that fails', async () => {
  const run = await start(trusted, 5000);
  expect(run).toHaveFailedWith('TooMuch');
  expect(run).toHaveFailedWith('TooMuch', '5000 is too much');
  expect(run).toHaveFailedWith('TooMuch', /^\{.*too much/);
  expect(run).toHaveFailedWith('TooMuch', expect.stringContaining('too much'));
  expect(run).not.toHaveFailedWith('TooMuch', 'too little');
  expect(run).not.toHaveFailedWith('TooMuch', 5000);
  expect(run).not.toHaveFailedWith('TooLittle');
  const message = complaint(() => expect(run).toHaveFailedWith('TooMuch', expect.stringContaining('too little')));
  expect(message).toMatch(
    /^expected the run to have failed with TooMuch, and the cause StringContaining "too little"\nstatus: FAILED\nerror: {2}TooMuch\ncause: {2}5000 is too much\n {8}in exports.handler/,
  );
});

test('a call that is denied', async () => {
  const run = await start(untrusted);
  expect(run).toHaveFailedWith('AccessDeniedException');
  const denied =
    /Shop\/Store\/ServiceRole may not dynamodb:PutItem on arn:aws:dynamodb:us-east-1:123456789012:table\/\S+: no identity-based policy has a statement that allows dynamodb:PutItem$/;
  expect(complaint(() => expect(run).toHaveSucceeded())).toMatch(new RegExp(`\ndenied calls:\n {2}${denied.source}`));
  expect(complaint(() => expect(cloud).toHaveDeniedNothing())).toMatch(
    new RegExp(`^expected no call to have been denied\n {2}${denied.source}`),
  );
  expect(run).not.toHaveDeniedNothing();
  const later = await cloud.stateMachine('Publish').start({ order: 'A2', amount: 5000 });
  expect(later).toHaveDeniedNothing();
  expect(cloud).not.toHaveDeniedNothing();
});

test('a permission that is not used', async () => {
  const run = await start(trusted);
  expect(complaint(() => expect(cloud).toHaveUsedEveryPermission())).toMatch(/unused:\n.*sns:Publish on/s);
  await run.finished();
  expect(complaint(() => expect(cloud).toHaveUsedEveryPermission())).not.toContain('sns:Publish');
});

test('a cloud that checks nothing fulfils no expectation of permissions', async () => {
  const unchecked = await LocalCloud.fromStack(trusted, { access: 'off' });
  try {
    expect(() => expect(unchecked).toHaveDeniedNothing()).toThrow("this one was made with access: 'off'");
    expect(() => expect(unchecked).not.toHaveUsedEveryPermission()).toThrow("this one was made with access: 'off'");
  } finally {
    await unchecked.dispose();
  }
});

test('what is no run is said to be none', async () => {
  const run = start(trusted);
  expect(() => expect(run).toHaveSucceeded()).toThrow('an await is missing');
  await run;
  expect(() => expect(cloud).toHaveSucceeded()).toThrow('is for a run, as cloud.stateMachine(…).start(…) gives it');
  expect(() => expect(1).toHaveUsedEveryPermission()).toThrow('is for a LocalCloud');
});
