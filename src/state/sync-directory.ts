import { open } from 'node:fs/promises';

/** Makes names that were created, renamed or removed in a directory survive a crash of the machine. */
export async function syncDirectory(name: string): Promise<void> {
  const directory = await open(name, 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}
