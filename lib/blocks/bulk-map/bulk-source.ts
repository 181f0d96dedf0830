import { Aws, type aws_iam as iam, type aws_s3 as s3, type aws_stepfunctions as sfn } from 'aws-cdk-lib';
import { isJsonata } from '../../asl/jsonata';
import { listObjects, readObjects } from './s3-statements';

/** Which objects are items. */
export interface BulkObjectsOptions {
  /** Only objects whose keys begin with this; may be JSONata: then any prefix may be listed. @default - all objects of the bucket */
  readonly prefix?: string;
}

/** Which objects hold the items, and in what form. */
export interface BulkObjectContentsOptions extends BulkObjectsOptions {
  /** How each object is written. */
  readonly format: BulkFormat;
}

/** How the object of `BulkSource.csv` is written. */
export interface BulkCsvOptions {
  /** Names of the columns, when the first row does not have them. @default - the first row has them */
  readonly headers?: string[];
  /** What separates the columns. @default sfn.CsvDelimiter.COMMA */
  readonly delimiter?: sfn.CsvDelimiter;
}

/** How the object of `BulkSource.json` is written. */
export interface BulkJsonOptions {
  /** Where in the document the array is, such as "/orders". @default - the document is the array */
  readonly itemsPointer?: string;
}

/** Where the data files of `BulkSource.inventory` are. */
export interface BulkInventoryOptions {
  /** What the keys of the inventory's data files begin with. @default - the folder above the manifest's own, which is how S3 delivers it */
  readonly dataPrefix?: string;
}

/** How objects are written whose contents are items. */
export enum BulkFormat {
  /** One row an item, the first row has the names. An item is an object of texts. */
  CSV = 'CSV',
  /** An array. */
  JSON = 'JSON',
  /** One JSON value a line. */
  JSON_LINES = 'JSONL',
  /** Apache Parquet. */
  PARQUET = 'PARQUET',
}

/** Where the items of a `BulkMap` come from, and what an item is. */
export class BulkSource {
  /**
   * The objects of a bucket: an item is `{ Key, Size, Etag, LastModified, StorageClass }`, not the object's content. Objects of zero
   * bytes whose keys end in "/", which some tools make for folders, are skipped. Several thousand objects are listed a second.
   */
  public static objects(bucket: s3.IBucket, options: BulkObjectsOptions = {}): BulkSource {
    return new BulkSource({
      operation: 'listObjectsV2',
      bucket,
      arguments: { Prefix: options.prefix },
      statements: () => listObjects(bucket, known(options.prefix)),
      folders: true,
    });
  }

  /**
   * What is in the objects of a bucket: an item is a row, a line or an element of one of them. Every object has to be of the format, or
   * the run fails with `States.ItemReaderFailed`.
   */
  public static objectContents(bucket: s3.IBucket, options: BulkObjectContentsOptions): BulkSource {
    return new BulkSource({
      operation: 'listObjectsV2',
      config: {
        InputType: options.format,
        Transformation: 'LOAD_AND_FLATTEN',
        CSVHeaderLocation: options.format === BulkFormat.CSV ? 'FIRST_ROW' : undefined,
      },
      bucket,
      arguments: { Prefix: options.prefix },
      statements: () => [...listObjects(bucket, known(options.prefix)), ...readObjects(bucket, `${known(options.prefix)}*`)],
    });
  }

  /** The rows of a CSV object: an item has a text for each column. @param key may be JSONata: then any object of the bucket may be read */
  public static csv(bucket: s3.IBucket, key: string, options: BulkCsvOptions = {}): BulkSource {
    return BulkSource.object(bucket, key, {
      InputType: BulkFormat.CSV,
      CSVHeaderLocation: options.headers ? 'GIVEN' : 'FIRST_ROW',
      CSVHeaders: options.headers,
      CSVDelimiter: options.delimiter,
    });
  }

  /** The elements of a JSON array. @param key may be JSONata: then any object of the bucket may be read */
  public static json(bucket: s3.IBucket, key: string, options: BulkJsonOptions = {}): BulkSource {
    return BulkSource.object(bucket, key, { InputType: BulkFormat.JSON, ItemsPointer: options.itemsPointer });
  }

  /** The lines of a JSON Lines object. @param key may be JSONata: then any object of the bucket may be read */
  public static jsonLines(bucket: s3.IBucket, key: string): BulkSource {
    return BulkSource.object(bucket, key, { InputType: BulkFormat.JSON_LINES });
  }

  /** The rows of a Parquet object. @param key may be JSONata: then any object of the bucket may be read */
  public static parquet(bucket: s3.IBucket, key: string): BulkSource {
    return BulkSource.object(bucket, key, { InputType: BulkFormat.PARQUET });
  }

  /**
   * What an S3 inventory lists, of any bucket: an item has a text for each field of the inventory, such as `{ Bucket, Key, Size }`. The
   * inventory has to be of the format CSV.
   * @param bucket where the inventory is delivered to
   * @param manifest key of its `manifest.json`; may be JSONata, together with `dataPrefix`
   */
  public static inventory(bucket: s3.IBucket, manifest: string, options: BulkInventoryOptions = {}): BulkSource {
    if (isJsonata(manifest) && options.dataPrefix === undefined) {
      throw new Error(
        'the inventory has a manifest that is known only when it runs: give dataPrefix, what the keys of its data files begin with',
      );
    }
    // S3 puts the manifest at `<prefix>/<bucket>/<configuration>/<date>/manifest.json` and the data beside the dates, in `data`.
    const dataPrefix = options.dataPrefix ?? `${manifest.split('/').slice(0, -2).join('/')}/data/`;
    return new BulkSource({
      operation: 'getObject',
      config: { InputType: 'MANIFEST', ManifestType: 'S3_INVENTORY' },
      bucket,
      arguments: { Key: manifest },
      statements: () => readObjects(bucket, known(manifest) || '*', `${dataPrefix}*`),
    });
  }

  /** A list within the state: `{% $states.input.orders %}`. At most what fits in 256 KiB; above that put it into S3. */
  public static array(expression: string): BulkSource {
    if (!isJsonata(expression)) {
      throw new Error(`the array ${JSON.stringify(expression)} is no JSONata expression: write it as '{% $states.input.<field> %}'`);
    }
    return new BulkSource({ statements: () => [], items: expression });
  }

  private static object(bucket: s3.IBucket, key: string, config: { [field: string]: unknown }): BulkSource {
    return new BulkSource({
      operation: 'getObject',
      config,
      bucket,
      arguments: { Key: key },
      statements: () => readObjects(bucket, known(key) || '*'),
    });
  }

  /**
   * What `BulkMap` wrote of the items that failed.
   * @internal
   */
  public static _failures(bucket: s3.IBucket, keys: string, key: string): BulkSource {
    return new BulkSource({
      operation: 'getObject',
      config: { InputType: BulkFormat.JSON_LINES },
      bucket,
      arguments: { Key: key },
      statements: () => readObjects(bucket, keys),
      item: '$states.context.Map.Item.Value.item',
    });
  }

  private constructor(private readonly parts: BulkSourceParts) {}

  /**
   * JSONata for the array; undefined when the items are read from S3.
   * @internal
   */
  public get _items(): string | undefined {
    return this.parts.items;
  }

  /**
   * JSONata for an item, where it is not what was read.
   * @internal
   */
  public get _item(): string | undefined {
    return this.parts.item;
  }

  /**
   * Whether there can be items that stand for folders.
   * @internal
   */
  public get _folders(): boolean {
    return this.parts.folders ?? false;
  }

  /**
   * What reading takes. Rendered into a policy of the bulk map's own.
   * @internal
   */
  public _statements(): iam.PolicyStatement[] {
    return this.parts.statements();
  }

  /** @internal */
  public get _reader(): sfn.IItemReader | undefined {
    const { bucket, operation, config = {}, arguments: given = {} } = this.parts;
    if (!bucket) return undefined;
    return new ItemReader(
      bucket,
      `arn:${Aws.PARTITION}:states:::s3:${operation}`,
      defined(config),
      defined({ Bucket: bucket.bucketName, ...given }),
    );
  }
}

interface BulkSourceParts {
  readonly bucket?: s3.IBucket;
  readonly operation?: 'getObject' | 'listObjectsV2';
  readonly config?: { [field: string]: unknown };
  readonly arguments?: { [field: string]: unknown };
  readonly items?: string;
  readonly item?: string;
  readonly folders?: boolean;
  statements(): iam.PolicyStatement[];
}

/**
 * The CDK's readers allow the whole bucket and no key, and can't read Parquet.
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/input-output-itemreader.html
 */
class ItemReader implements sfn.IItemReader {
  constructor(
    public readonly bucket: s3.IBucket,
    public readonly resource: string,
    private readonly config: { [field: string]: unknown },
    private readonly parameters: { [field: string]: unknown },
  ) {}

  public render(): { [field: string]: unknown } {
    const config = Object.keys(this.config).length > 0 ? { ReaderConfig: this.config } : {};
    return { Resource: this.resource, ...config, Arguments: this.parameters };
  }

  /** None: they stand in a policy of the bulk map's own. */
  public providePolicyStatements(): iam.PolicyStatement[] {
    return [];
  }

  public validateItemReader(): string[] {
    return [];
  }
}

/** Empty, when it is known only when it runs: then anything may be read. */
function known(text = ''): string {
  return isJsonata(text) ? '' : text;
}

function defined(fields: { [field: string]: unknown }): { [field: string]: unknown } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}
