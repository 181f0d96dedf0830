import { EXIT_CODES } from '../../exit-codes';
import { RECIPE } from '../../recipe-version';
import { doItem } from '../do-item';
import { settingsFromEnvironment } from '../settings';
import { TranscodeError, type TranscodeErrorName } from '../transcode-error';

/** What the function `transcode` does, in a container: the item comes by environment, and the exit code says how it ended. */
async function main(): Promise<void> {
  if (process.env.RECIPE !== String(RECIPE)) {
    throw new Error(
      `the image has the recipe ${RECIPE}, the workflow ${process.env.RECIPE}: build the image of the same version of stepworks`,
    );
  }
  const answer = await doItem(JSON.parse(process.env.ITEM ?? ''), settingsFromEnvironment());
  console.log(JSON.stringify(answer));
}

// The first process of a container goes on otherwise, until it is killed.
process.once('SIGTERM', () => process.exit(143));

main().then(
  () => process.exit(0),
  (error) => {
    console.error(error);
    process.exit((error instanceof TranscodeError && EXIT_CODES[error.name as TranscodeErrorName]) || 1);
  },
);
