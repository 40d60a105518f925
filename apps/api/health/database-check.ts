import { sql } from 'kysely';
import type { Database } from '#libs/platform/database';

/** Asks PostgreSQL whether it answers. */
export class DatabaseCheck {
  constructor(private readonly database: Database) {}

  /** Rejects without details: the answer is public. */
  async execute(): Promise<void> {
    await sql`SELECT 1`.execute(this.database).catch((cause: unknown) => {
      throw new Error('does not answer', { cause });
    });
  }
}
