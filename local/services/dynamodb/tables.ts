import { ApiError, type Cloud } from '../../cloud-types';
import { inBackground } from '../background';
import { uuid } from '../identifiers';
import { resourceNotFound, validationError } from './errors';
import { Stream, type StreamViewType } from './stream';
import { Table, type TableIdentity } from './table';
import type { TableDefinition } from './table-definition';

/** The tables of the account and region. A `TableName` may be a name or an ARN. */
export class Tables {
  private readonly byName = new Map<string, Table>();
  /** By ARN. A stream outlives its table. */
  readonly streams = new Map<string, Stream>();

  constructor(private readonly cloud: Cloud) {}

  create(definition: TableDefinition): Table {
    if (this.byName.has(definition.name)) throw new ApiError('ResourceInUseException', `Table already exists: ${definition.name}`);
    const { clock } = this.cloud;
    const identity = { arn: this.arn(definition.name), id: uuid(this.cloud), createdAt: clock.now() };
    const stream = this.createStream(definition, identity);
    const wake = (at: number) => inBackground(clock.sleepUntil(at).then(() => table.sweep()));
    const table: Table = new Table(definition, identity, () => clock.now(), stream, wake);
    this.byName.set(definition.name, table);
    return table;
  }

  private createStream(definition: TableDefinition, { arn, createdAt }: TableIdentity): Stream | undefined {
    if (!definition.streamViewType) return undefined;
    const label = new Date(createdAt).toISOString().slice(0, -1);
    const stream = new Stream(
      {
        arn: `${arn}/stream/${label}`,
        label,
        tableName: definition.name,
        viewType: definition.streamViewType as StreamViewType,
        region: this.cloud.region,
        createdAt,
        keySchema: definition.input.KeySchema,
      },
      () => this.cloud.clock.now(),
    );
    this.streams.set(stream.identity.arn, stream);
    return stream;
  }

  delete(nameOrArn: string): Table {
    const table = this.describe(nameOrArn);
    if (table.definition.deletionProtection) {
      throw validationError(`Resource cannot be deleted as it is currently protected against deletion. Disable deletion protection first.`);
    }
    this.byName.delete(table.name);
    if (table.stream) table.stream.closed = true;
    return table;
  }

  find(nameOrArn: unknown): Table | undefined {
    if (typeof nameOrArn !== 'string') return undefined;
    const table = this.byName.get(nameOf(nameOrArn));
    return table && (!isArn(nameOrArn) || table.identity.arn === nameOrArn) ? table : undefined;
  }

  /** For an operation on items. */
  get(nameOrArn: string): Table {
    const table = this.find(nameOrArn);
    if (!table) throw resourceNotFound();
    return table;
  }

  /** For an operation on the table itself, whose error names it. */
  describe(nameOrArn: string): Table {
    const table = this.find(nameOrArn);
    if (!table) throw resourceNotFound(`: Table: ${nameOf(nameOrArn)} not found`);
    return table;
  }

  names(): readonly string[] {
    return [...this.byName.keys()].sort();
  }

  arn(nameOrArn: string): string {
    const { partition, region, accountId } = this.cloud;
    return isArn(nameOrArn) ? nameOrArn : `arn:${partition}:dynamodb:${region}:${accountId}:table/${nameOrArn}`;
  }
}

const isArn = (nameOrArn: string): boolean => nameOrArn.startsWith('arn:');

const nameOf = (nameOrArn: string): string => (isArn(nameOrArn) ? (nameOrArn.split(':table/')[1]?.split('/')[0] ?? nameOrArn) : nameOrArn);
