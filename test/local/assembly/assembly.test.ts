import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import * as path from 'node:path';
import {
  aws_s3_assets as assets,
  CfnCondition,
  CfnOutput,
  CfnParameter,
  Fn,
  aws_glue as glue,
  aws_iam as iam,
  aws_lambda as lambda,
  NestedStack,
  Stack,
  Stage,
  aws_s3 as s3,
} from 'aws-cdk-lib';
import { allResources, TemplateError } from '../../../local/assembly';
import { CLOUD, deploy, deployAssembly, deployTemplate, load, loadAssembly, newApp, Types, temporaryFolder, thing } from './harness';

describe('reading an assembly', () => {
  test('stacks in the order of their dependencies, those of stages too', async () => {
    const app = newApp();
    const first = new Stack(app, 'First');
    const second = new Stack(app, 'Second', { stackName: 'second-of-two' });
    first.addStackDependency(second);
    const stage = new Stage(app, 'Prod', { env: { account: '999988887777', region: 'us-east-2' } });
    const staged = new Stack(stage, 'Staged');
    for (const stack of [first, second, staged]) thing(stack, 'Thing');
    const { stacks } = await load(app);
    expect(stacks.map(({ stackName, path, account, region }) => ({ stackName, path, account, region }))).toEqual([
      { stackName: 'Prod-Staged', path: 'Prod/Staged', account: '999988887777', region: 'us-east-2' },
      { stackName: 'second-of-two', path: 'Second', account: undefined, region: undefined },
      { stackName: 'First', path: 'First', account: undefined, region: undefined },
    ]);
  });

  test('what is no assembly', async () => {
    const folder = temporaryFolder();
    await expect(loadAssembly(folder)).rejects.toThrow(`${folder} is not a cloud assembly: it has no manifest.json`);
    writeFileSync(path.join(folder, 'manifest.json'), '{');
    await expect(loadAssembly(folder)).rejects.toThrow(`Cannot read ${path.join(folder, 'manifest.json')}`);
  });

  test('construct paths come from the template, else from the metadata, else from the tree', async () => {
    const build = (context: Record<string, unknown>) => {
      const app = newApp({ context });
      const stack = new Stack(app, 'App');
      new s3.Bucket(stack, 'Bucket');
      const nested = new NestedStack(stack, 'Inner');
      new s3.Bucket(nested, 'Bucket');
      return app;
    };
    const paths = async (directory: string) => {
      const { stacks } = await loadAssembly(directory);
      const types = new Types('AWS::S3::Bucket');
      return allResources(await deploy(stacks[0], CLOUD, types)).map((resource) => resource.path);
    };
    const expected = ['App/Bucket/Resource', 'App/Inner.NestedStack/Inner.NestedStackResource', 'App/Inner/Bucket/Resource'];
    const { directory } = build({ 'aws:cdk:enable-path-metadata': true }).synth();
    expect(await paths(directory)).toEqual(expected);

    const without = build({}).synth().directory;
    expect(readFileSync(path.join(without, 'App.template.json'), 'utf8')).not.toContain('aws:cdk:path');
    expect(await paths(without)).toEqual(expected);

    const manifestFile = path.join(without, 'manifest.json');
    const manifest = JSON.parse(readFileSync(manifestFile, 'utf8'));
    delete manifest.artifacts.App.additionalMetadataFile;
    writeFileSync(manifestFile, JSON.stringify(manifest));
    expect(await paths(without)).toEqual(expected);

    for (const [id, artifact] of Object.entries<{ type: string }>(manifest.artifacts))
      if (artifact.type === 'cdk:tree') delete manifest.artifacts[id];
    writeFileSync(manifestFile, JSON.stringify(manifest));
    expect((await paths(without))[0]).toMatch(/^App\/Bucket[0-9A-F]{8}$/);
  });

  test('the same logical id in a stack and in one that is nested in it', async () => {
    const app = newApp();
    const stack = new Stack(app, 'App');
    const nested = new NestedStack(stack, 'Inner');
    thing(nested, 'Same').overrideLogicalId('Same');
    thing(stack, 'Same').overrideLogicalId('Same');
    const [deployed] = await deployAssembly(await load(app), CLOUD, new Types());
    expect(deployed.resources.find(({ logicalId }) => logicalId === 'Same')?.path).toBe('App/Same');
    expect(deployed.nested[0].resources.find(({ logicalId }) => logicalId === 'Same')?.path).toBe('App/Inner/Same');
  });

  test('assets: folders, files, and what nobody publishes', async () => {
    const source = temporaryFolder();
    writeFileSync(path.join(source, 'index.js'), 'exports.handler = async () => 1');
    const app = newApp();
    const stack = new Stack(app, 'App', { env: { account: '444455556666', region: 'ap-south-1' } });
    new lambda.Function(stack, 'Fn', {
      runtime: lambda.Runtime.NODEJS_22_X,
      handler: 'index.handler',
      code: lambda.Code.fromAsset(source),
    });
    const file = new assets.Asset(stack, 'File', { path: path.join(source, 'index.js') });
    thing(stack, 'Thing', { Bucket: file.s3BucketName, Key: file.s3ObjectKey });
    const types = new Types('AWS::Lambda::Function');
    await deployAssembly(await load(app), CLOUD, types);
    const request = (type: string) => types.made.filter((made) => made.type === type)[0];
    const fn = request('AWS::Lambda::Function');
    const folder = fn.asset(fn.properties.Code.S3Bucket, fn.properties.Code.S3Key);
    expect(readFileSync(path.join(folder, 'index.js'), 'utf8')).toBe('exports.handler = async () => 1');
    expect(path.isAbsolute(folder)).toBe(true);
    const { asset, properties } = request('Test::Thing');
    expect(readFileSync(asset(properties.Bucket, properties.Key), 'utf8')).toBe('exports.handler = async () => 1');
    expect(() => asset('another-bucket', properties.Key)).toThrow(
      `no asset manifest of the assembly publishes s3://another-bucket/${properties.Key}`,
    );
  });

  test('an assembly may be moved elsewhere, and its validation report doesn’t matter', async () => {
    const app = newApp();
    new s3.Bucket(new Stack(app, 'App'), 'Bucket');
    const { directory } = app.synth();
    writeFileSync(path.join(directory, 'validation-report.json'), 'not even JSON');
    const moved = path.join(temporaryFolder(), 'moved');
    renameSync(directory, moved);
    expect((await loadAssembly(moved)).stacks).toHaveLength(1);
    rmSync(moved, { recursive: true });
  });
});

describe('deploying an assembly', () => {
  test('references, conditions and parameters, as the CDK writes them', async () => {
    const app = newApp();
    const stack = new Stack(app, 'App');
    const stage = new CfnParameter(stack, 'Stage', { default: 'dev' });
    const isProd = new CfnCondition(stack, 'IsProd', { expression: Fn.conditionEquals(stage, 'prod') });
    const bucket = new s3.Bucket(stack, 'Bucket');
    const role = new iam.Role(stack, 'Role', { assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com') });
    bucket.grantRead(role);
    thing(stack, 'Thing', {
      Name: Fn.join('-', [bucket.bucketName, stage.valueAsString]),
      Arn: bucket.arnForObjects('*'),
      Size: Fn.conditionIf('IsProd', 10, 1),
      Account: stack.account,
    });
    thing(stack, 'OnlyProd').cfnOptions.condition = isProd;
    new CfnOutput(stack, 'Out', { value: bucket.bucketArn });
    const types = new Types('AWS::S3::Bucket', 'AWS::IAM::Role', 'AWS::IAM::Policy');
    const assembly = await load(app);
    const [deployed] = await deployAssembly(assembly, CLOUD, types);
    const name = deployed.resources.find(({ type }) => type === 'AWS::S3::Bucket')?.ref;
    expect(types.properties('Thing')).toEqual({ Name: `${name}-dev`, Arn: `arn:test:${name}/*`, Size: 1, Account: '111122223333' });
    expect(deployed.outputs).toEqual({ Out: `arn:test:${name}` });
    expect(types.order).not.toContain('OnlyProd');
    const prod = new Types('AWS::S3::Bucket', 'AWS::IAM::Role', 'AWS::IAM::Policy');
    await deployAssembly(assembly, CLOUD, prod, { parameters: { App: { Stage: 'prod' } } });
    expect(prod.properties('Thing')).toMatchObject({ Size: 10 });
    expect(prod.order).toContain('OnlyProd');
  });

  test.each(['strong', 'weak'])('%s references between stacks', async (strength) => {
    const app = newApp({ context: { '@aws-cdk/core:defaultCrossStackReferences': strength } });
    const producer = new Stack(app, 'Producer');
    const bucket = new s3.Bucket(producer, 'Bucket');
    const consumer = new Stack(app, 'Consumer');
    thing(consumer, 'Thing', { Arn: bucket.bucketArn });
    const types = new Types('AWS::S3::Bucket');
    const assembly = await load(app);
    expect(JSON.stringify(assembly.stacks[1].template)).toContain(strength === 'weak' ? 'Fn::GetStackOutput' : 'Fn::ImportValue');
    const [{ resources }] = await deployAssembly(assembly, CLOUD, types);
    expect(types.properties('Thing')).toEqual({ Arn: `arn:test:${resources[0].ref}` });
    await expect(deploy(assembly.stacks[1], CLOUD, new Types())).rejects.toThrow(/Stack Consumer, resource Thing .*Properties\.Arn: Fn::/);
  });

  test('an export name is taken once', async () => {
    const app = newApp();
    for (const id of ['One', 'Two']) new CfnOutput(new Stack(app, id), 'Out', { value: 'x', exportName: 'shared' });
    await expect(deployAssembly(await load(app), CLOUD, new Types())).rejects.toThrow(
      'Stack Two, output Out, Export.Name: "shared" is exported already',
    );
  });

  test('nested stacks: parameters in, outputs out', async () => {
    const app = newApp();
    const stack = new Stack(app, 'App');
    const bucket = new s3.Bucket(stack, 'Bucket');
    const nested = new NestedStack(stack, 'Inner');
    const inner = thing(nested, 'Thing', { Bucket: bucket.bucketName });
    const deeper = new NestedStack(nested, 'Deeper');
    const deepest = thing(deeper, 'Deepest', { Bucket: bucket.bucketArn, Sibling: inner.ref });
    thing(stack, 'User', { Inner: inner.getAtt('Arn'), Deep: deepest.ref });
    const types = new Types('AWS::S3::Bucket');
    const [deployed] = await deployAssembly(await load(app), CLOUD, types);
    const { ref } = deployed.resources[0];
    expect(types.properties('Thing')).toEqual({ Bucket: ref });
    const [innerStack] = deployed.nested;
    const [innerThing] = innerStack.resources;
    expect(types.properties('Deepest')).toEqual({ Bucket: `arn:test:${ref}`, Sibling: innerThing.ref });
    expect(types.properties('User')).toEqual({ Inner: `arn:test:${innerThing.ref}`, Deep: innerStack.nested[0].resources[0].ref });
    expect(innerThing.ref.startsWith('App-Inner')).toBe(true);
    expect(innerStack.path).toBe('App/Inner');
    expect(innerStack.nested[0].path).toBe('App/Inner/Deeper');
    expect(allResources(deployed).map((resource) => resource.path)).toContain('App/Inner/Deeper/Deepest');
  });

  test('types that nothing makes are listed, and their references hold', async () => {
    const app = newApp();
    const stack = new Stack(app, 'App');
    const job = new glue.CfnJob(stack, 'Job', { role: 'r', command: {}, name: 'nightly' });
    const unnamed = new glue.CfnCrawler(stack, 'Crawler', { role: 'r', targets: {} });
    const arn = unnamed.getAtt('Arn').toString();
    thing(stack, 'Thing', {
      Job: job.ref,
      Crawler: unnamed.ref,
      Arn: arn,
      Part: Fn.select(5, Fn.split(':', arn)),
      FromList: { 'Fn::Select': [1, unnamed.getAtt('Zones')] },
    });
    const types = new Types();
    const [deployed] = await deployAssembly(await load(app), CLOUD, types);
    const listed = deployed.resources.filter(({ known }) => !known);
    expect(listed.map(({ type, ref }) => [type, ref])).toEqual([
      ['AWS::Glue::Job', 'nightly'],
      ['AWS::Glue::Crawler', expect.stringMatching(/^App-Crawler-[0-9A-F]{12}$/)],
    ]);
    const { ref } = listed[1];
    expect(types.properties('Thing')).toEqual({
      Job: 'nightly',
      Crawler: ref,
      Arn: `arn:aws:glue:eu-west-1:111122223333:crawler/${ref}`,
      Part: `crawler/${ref}`,
      FromList: `arn:aws:glue:eu-west-1:111122223333:crawler/Zones/${ref}`,
    });
    expect(listed[1].attributes).toHaveProperty('Arn');
  });

  test('a custom resource: its own type, else the general one', async () => {
    const template = { Resources: { A: { Type: 'Custom::Mine' }, B: { Type: 'Custom::Other' } } };
    const types = new Types('Custom::Mine', 'AWS::CloudFormation::CustomResource');
    const { resources } = await deployTemplate(template, types);
    expect(resources.every(({ known }) => known)).toBe(true);
    expect((await deployTemplate(template)).resources.some(({ known }) => known)).toBe(false);
  });

  test('physical names: the same in every run, as long as the service allows, in lower case where it demands', async () => {
    const types = new Types('AWS::S3::Bucket');
    const long = 'L'.repeat(200);
    const Resources = { Bucket: { Type: 'AWS::S3::Bucket' }, [long]: { Type: 'Test::Thing' }, Short: { Type: 'Test::Thing' } };
    await deployTemplate({ Resources }, types);
    const again = new Types('AWS::S3::Bucket');
    await deployTemplate({ Resources }, again);
    const names = (of: Types) => of.made.flatMap((request) => [request.physicalName(), request.physicalName(63), request.physicalName(24)]);
    expect(names(again)).toEqual(names(types));
    const [bucket, , shortBucket, cut, , , short] = names(types);
    expect(bucket).toMatch(/^hand-bucket-[0-9a-f]{12}$/);
    expect(shortBucket.length).toBeLessThanOrEqual(24);
    expect(cut).toMatch(/^Hand-L{45}-[0-9A-F]{12}$/);
    expect(cut).toHaveLength(63);
    expect(short).toMatch(/^Hand-Short-[0-9A-F]{12}$/);
    expect(new Set(names(types).filter((_, index) => index % 3 === 0)).size).toBe(3);
  });

  test('a resource that cannot be made: stack, resource, path and cause', async () => {
    const app = newApp();
    thing(new Stack(app, 'App'), 'Thing');
    const types = new Types();
    const cause = new Error('the name is taken');
    types.set('Test::Thing', { create: () => Promise.reject(cause) });
    const error = await deployAssembly(await load(app), CLOUD, types).catch((reason) => reason);
    expect(error).toBeInstanceOf(TemplateError);
    expect(error).toMatchObject({
      message: 'Stack App, resource Thing (Test::Thing, App/Thing): the name is taken',
      stackName: 'App',
      cause,
    });
  });

  test('the CDK’s metadata resource is no surprise', async () => {
    const app = newApp({ analyticsReporting: true });
    thing(new Stack(app, 'App', { env: { region: 'eu-west-1' } }), 'Thing');
    const [deployed] = await deployAssembly(await load(app), CLOUD, new Types());
    expect(deployed.resources.map(({ type, known }) => [type, known])).toEqual([
      ['Test::Thing', true],
      ['AWS::CDK::Metadata', true],
    ]);
    expect(existsSync(app.outdir)).toBe(true);
  });
});
