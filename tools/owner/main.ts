import { AppError } from '#libs/kernel';
import { openDatabase } from '#libs/platform/database';
import { createOwner } from './create-owner.js';
import { exitCodeOf } from './owner.errors.js';
import { readWish } from './owner-wish.js';

/**
 * create: makes the first owner of the MSP. Environment: STELLWERK_DATABASE_URL as the role `stellwerk_founder`,
 * STELLWERK_PUBLIC_URL. The last line is JSON. Exit code 0: done; 2: not understood; 3: refused, somebody is there already;
 * 4: something has to be there first; 1: anything else.
 */
try {
  await main(process.argv.slice(2));
} catch (error) {
  const code = error instanceof AppError ? error.code : 'internal';
  console.error(error instanceof Error ? error.message : error);
  console.log(JSON.stringify({ done: false, code }));
  process.exitCode = exitCodeOf(error);
}

async function main(words: readonly string[]): Promise<void> {
  const wish = readWish(words);
  const database = openDatabase({ url: databaseUrl(), poolSize: 1 }, 'stellwerk-owner');
  try {
    const made = await createOwner(database, wish);
    console.log(
      `${made.subject} is an owner for all customers and signs in at ${made.provider}, with a second factor:`,
    );
    console.log(`  ${process.env['STELLWERK_PUBLIC_URL'] ?? '<public URL>'}/v1/sign-in?tenant=${made.tenant}`);
    console.log(JSON.stringify({ done: true, ...made }));
  } finally {
    await database.destroy();
  }
}

function databaseUrl(): string {
  const url = process.env['STELLWERK_DATABASE_URL'];
  if (!url) throw new Error('Set STELLWERK_DATABASE_URL to our database, as stellwerk_founder.');
  return url;
}
