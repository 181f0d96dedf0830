import type { Driver, Run } from '../../local';

export const MACHINE = 'ModelApproval/Approval';
export const TRAINING = 'ModelApproval/Training';
export const MODELS = 'ModelApproval/Models';
export const TRAINER = 'dana@example.com';

/** A model that a training run has made. */
export interface Trained {
  readonly version: string;
  readonly trainedBy: string;
  /** By their names. */
  readonly files: Readonly<Record<string, string | Uint8Array>>;
}

/** A model that predicts who is about to leave, of some version. */
export function churn(version: string, auc: number, more: Partial<Trained> = {}): Trained {
  return {
    version,
    trainedBy: TRAINER,
    files: {
      'model.json': JSON.stringify({ kind: 'logistic regression', bias: -2.1, weights: { complaints: 1.7, tenure: -0.04, version } }),
      'training/features.csv': `feature,source\ncomplaints,tickets\ntenure,contracts\nversion,${version}\n`,
      'metrics.json': JSON.stringify({
        auc,
        'log loss': 0.21,
        'passed fairness': true,
        confusion: [
          [912, 31],
          [12, 45],
        ],
      }),
    },
    ...more,
  };
}

export const folderOf = (version: string): string => `models/churn/${version}/`;

export function manifestOf({ version, trainedBy, files }: Trained): string {
  return JSON.stringify({ model: 'churn', version, trainedBy, files: Object.keys(files), diagnostics: 'metrics.json' });
}

/** Writes the files of a training run. */
export async function writeFiles(driver: Driver, { version, files }: Trained): Promise<void> {
  for (const [name, body] of Object.entries(files)) await driver.putObject(TRAINING, folderOf(version) + name, body);
}

/** Writes a manifest, the last thing that a training run does. Gives the run that this starts. */
export async function writeManifest(driver: Driver, version: string, manifest: string): Promise<Run> {
  const before = (await driver.runs(MACHINE)).length;
  await driver.putObject(TRAINING, `${folderOf(version)}manifest.json`, manifest, { contentType: 'application/json' });
  const begun = (await driver.runs(MACHINE))[before];
  if (!begun) throw new Error('the manifest has started no run');
  return begun;
}

export async function train(driver: Driver, trained: Trained): Promise<Run> {
  await writeFiles(driver, trained);
  return writeManifest(driver, trained.version, manifestOf(trained));
}
