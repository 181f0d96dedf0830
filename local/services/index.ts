/** Every emulated service of one cloud. A further one is a further file and a further line here. */
import type { Access } from '../access/types';
import type { Cloud, CloudEvent, Service } from '../cloud-types';
import type { Engine } from '../engine/types';
import type { FunctionRuntime } from '../functions/types';
import { createDynamoDb } from './dynamodb';
import { createIam } from './iam';
import { createInert } from './inert';
import { createLambda } from './lambda';
import { createStepFunctions } from './stepfunctions';

export interface ServicesOptions {
  readonly cloud: Cloud;
  readonly engine: Engine;
  readonly access: Access;
  readonly runtime: FunctionRuntime;
  /** Queue URLs begin with it. */
  readonly gatewayUrl: string;
}

export interface Services {
  readonly all: readonly Service[];
  /** Every mail that topics sent, in order. */
  readonly outbox: readonly { to: string; subject: string; body: string }[];
  /** Puts an AWS service's event on the default bus. */
  emit(event: CloudEvent): void;
  /** The items of a table as plain values. */
  items(tableName: string): readonly Record<string, unknown>[];
  /** Closes what listens. */
  dispose(): Promise<void>;
}

export function createServices({ cloud, engine, access, runtime }: ServicesOptions): Services {
  const dynamodb = createDynamoDb(cloud);
  return {
    all: [createIam(cloud, access), createInert(cloud), dynamodb, createLambda(cloud, runtime), createStepFunctions(cloud, engine)],
    outbox: [],
    emit() {},
    items: dynamodb.items,
    async dispose() {},
  };
}
