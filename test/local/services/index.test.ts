import { createEngine } from '../../../local/engine';
import { createTaskPort } from '../../../local/integrations';
import { createServices } from '../../../local/services';
import { models } from '../../../local/wire/model';
import { TestRuntime, World } from './world';

let world: World;
beforeEach(async () => {
  world = await World.start(() => []);
});
afterEach(() => world.gateway.close());

const services = () =>
  createServices({
    cloud: world,
    access: world.access,
    runtime: new TestRuntime(),
    gatewayUrl: world.gateway.url,
    engine: createEngine({
      clock: world.clock,
      tasks: createTaskPort(world, () => undefined),
      accountId: world.accountId,
      region: world.region,
      partition: world.partition,
      random: world.random,
    }),
  });

test('every operation is one of its API, and every resource type is made once', async () => {
  const { all, dispose } = services();
  const unknown = all.flatMap(({ name, operations }) =>
    Object.keys(operations)
      .filter((operation) => !models[name]?.operations[operation])
      .map((operation) => `${name}:${operation}`),
  );
  // The caller of a function URL, and of a route with IAM authorization, needs an action that is no operation.
  expect(unknown).toEqual(['apigatewayv2:InvokeRoute', 'lambda:InvokeFunctionUrl']);
  const types = all.flatMap(({ resources }) => Object.keys(resources ?? {}));
  expect(types.filter((type, i) => types.indexOf(type) !== i)).toEqual([]);
  const names = all.map(({ name }) => name);
  expect(names.filter((name, i) => names.indexOf(name) !== i)).toEqual([]);
  await dispose();
});
