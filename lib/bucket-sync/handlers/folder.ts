/** Where a run writes, below its folder `<prefix><execution>/`. */
export const planKey = (folder: string): string => `${folder}plan.json`;
export const shardsKey = (folder: string): string => `${folder}shards.jsonl`;
export const linesPrefix = (folder: string, action: string): string => `${folder}plan/${action}/`;
export const countsPrefix = (folder: string): string => `${folder}shards/`;
export const reportPartsPrefix = (folder: string): string => `${folder}report/`;
export const reportLinesKey = (folder: string): string => `${folder}report.jsonl`;
export const reportKey = (folder: string): string => `${folder}report.json`;

/** The folder of a run, by the key of its plan. */
export const folderOfPlan = (key: string): string => key.replace(/plan\.json$/, '');
