import { TestWorkflowEnvironment } from '@temporalio/testing';
import { sql } from 'kysely';
import type { TestDatabase } from './database.js';
import { blindConverter } from './payloads.js';
import { testStack } from './test-stack.js';

const TRIES = 3;

/** Starts the time-skipping Temporal server. The client gives it five seconds, which a busy machine may not: so again. */
export async function startTimeSkipping(): Promise<TestWorkflowEnvironment> {
  const executable = { type: 'existing-path', path: testStack().timeSkippingServer } as const;
  for (let attempt = 1; ; attempt++) {
    try {
      return await TestWorkflowEnvironment.createTimeSkipping({
        server: { executable },
        client: { dataConverter: blindConverter },
      });
    } catch (error) {
      if (attempt === TRIES) throw error;
    }
  }
}

/**
 * On this server only its own clock skips; PostgreSQL's stays. In this test's database, therefore, the engine alone says
 * when a step is due.
 */
export async function leaveTimeToTheServer({ admin }: TestDatabase): Promise<void> {
  await sql`CREATE OR REPLACE FUNCTION is_ahead(p_at timestamptz) RETURNS boolean LANGUAGE sql STABLE AS $$ SELECT false $$`.execute(
    admin,
  );
}
