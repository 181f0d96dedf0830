import type { Compressors, DecodedArray, ParquetParsers, RowGroup, SchemaTree } from 'hyparquet';
import { columnChunk } from './parquet-pages';
import type { Pieces } from './parquet-pieces';

export interface ColumnReading {
  readonly pieces: Pieces;
  readonly group: RowGroup;
  /** Of the whole schema. */
  readonly tree: SchemaTree;
  readonly compressors: Compressors;
  readonly parsers: Partial<ParquetParsers>;
}

/**
 * The values of a column of the top level, one for each row of a row group, put together from those of the columns below it. hyparquet's
 * own way to do this is asynchronous: nothing could stop it.
 */
export function columnValues(column: SchemaTree, { compressors, group, parsers, pieces, tree }: ColumnReading): DecodedArray {
  const { assembleNested, DEFAULT_PARSERS, flatten, getTreePath, readColumn } = hyparquet();
  const { name } = column.element;
  const allParsers = { ...DEFAULT_PARSERS, ...parsers };
  const rows = Number(group.num_rows);
  const range = { groupStart: 0, groupRows: rows, selectStart: 0, selectEnd: rows };
  const leaves = new Map<string, DecodedArray>();
  for (const { file_path, meta_data: metadata } of group.columns) {
    if (file_path !== undefined) throw new Error(`its column lies in another file: ${file_path}`);
    if (metadata?.path_in_schema[0] !== name) continue;
    const schemaPath = getTreePath(tree, metadata.path_in_schema);
    const decoder = {
      ...metadata,
      pathInSchema: metadata.path_in_schema,
      element: schemaPath[schemaPath.length - 1].element,
      schemaPath,
      compressors,
      parsers: allParsers,
      utf8: false,
    };
    const reader = { view: new DataView(columnChunk(pieces, metadata)), offset: 0 };
    leaves.set(metadata.path_in_schema.join('.'), flatten(readColumn(reader, range, decoder).data));
  }
  if (column.children.length > 0) assembleNested(leaves, column, allParsers);
  const values = leaves.get(name);
  if (!values) throw new Error(`row group has no column '${name}'.`);
  if (values.length === rows) return values;
  throw new Error(`the column '${name}' has ${values.length} values for ${rows} rows.`);
}

/** The parts of hyparquet that it makes its asynchronous reader of. Read on first use: most runs have no Parquet. */
function hyparquet() {
  return {
    ...(require('hyparquet/src/assemble.js') as typeof import('hyparquet/src/assemble.js')),
    ...(require('hyparquet/src/column.js') as typeof import('hyparquet/src/column.js')),
    ...(require('hyparquet/src/convert.js') as typeof import('hyparquet/src/convert.js')),
    ...(require('hyparquet/src/schema.js') as typeof import('hyparquet/src/schema.js')),
    ...(require('hyparquet/src/utils.js') as typeof import('hyparquet/src/utils.js')),
  };
}
