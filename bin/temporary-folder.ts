import { TemporaryFolder } from '../local/keeper/temporary-folder';
import { undoAtEnd } from './at-end';

/** A folder that is gone afterwards, also when the process is stopped or killed meanwhile. */
export async function inTemporaryFolder<T>(use: (folder: string) => Promise<T>): Promise<T> {
  const temporary = new TemporaryFolder();
  const remove = undoAtEnd(() => temporary.dispose());
  try {
    return await use(temporary.folder());
  } finally {
    await remove();
  }
}
