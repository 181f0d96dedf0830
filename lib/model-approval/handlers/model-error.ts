/** Why a model can't be reviewed or published: the same thing gives the same again. The names are part of the construct's contract. */
export type ModelErrorName =
  | 'NoSuchManifest'
  | 'InvalidManifest'
  | 'InvalidDiagnostics'
  | 'ArtifactMissing'
  | 'UnversionedSource'
  | 'ReviewChanged'
  | 'ArtifactGone'
  | 'NotVerified'
  | 'CurrentChanged';

export class ModelError extends Error {
  constructor(name: ModelErrorName, message: string) {
    super(message);
    this.name = name;
  }
}
